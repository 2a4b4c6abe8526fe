// What stands over a room, or in its place.

import { Lazy } from "../kit/lazy";

const late = () => import("./late");

export const Overlay = new Lazy(() => late().then((m) => m.Overlay));
export const Refused = new Lazy(() => late().then((m) => m.Refused));

// What writing needs after the first paint of the room, in one file.

import { Lazy } from "../../kit/lazy";

export const WritingAids = new Lazy(() => import("./late"));

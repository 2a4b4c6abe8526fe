// What the log needs after its first paint, in one file.

import { Lazy } from "../../kit/lazy";

const late = () => import("./late");

export const Empty = new Lazy(() => late().then((m) => m.Empty));
export const Failed = new Lazy(() => late().then((m) => m.Failed));
export const NewsBar = new Lazy(() => late().then((m) => m.NewsBar));
export const Jump = new Lazy(() => late().then((m) => m.Jump));
export const Reactions = new Lazy(() => late().then((m) => m.Reactions));
export const RareRows = new Lazy(late);

// What is done with messages, in one file: loaded when the first room is painted.

import { Lazy } from "../../kit/lazy";

export const MessageActions = new Lazy(() => import("./late"));

// What finds out why there is no connection, and what says so.

import { Lazy } from "../kit/lazy";

export const practice = new Lazy(() => import("./practice"));
export const Findings = new Lazy(() => import("./findings").then((m) => m.Findings));

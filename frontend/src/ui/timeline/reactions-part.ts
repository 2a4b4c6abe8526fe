// Most messages have no reactions; those of the first that has some come right after it.

import { Lazy } from "../kit/lazy";

export const ReactionsPart = new Lazy(() => import("./reactions").then((m) => m.Reactions));

// The box to write in comes right behind the messages: they are painted without it.

import { Lazy } from "../kit/lazy";

export const ComposerPart = new Lazy(() => import("./composer").then((m) => m.Composer));

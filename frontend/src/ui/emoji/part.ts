// The picker comes with its first use.

import { Lazy } from "../kit/lazy";

export const EmojiPicker = new Lazy(() => import("./emoji-picker").then((m) => m.EmojiPicker));

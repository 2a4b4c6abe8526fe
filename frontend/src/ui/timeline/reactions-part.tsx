// Most messages have no reactions; those of the first that has some come right after it.

import { Lazy } from "../kit/lazy";
import type { Props } from "./reactions";

const part = new Lazy(() => import("./reactions").then((m) => m.Reactions));

/** A component of its own: it is drawn again when the part is there, its message isn't. */
export function Reactions(props: Props) {
  const Loaded = part.get();
  return Loaded === null ? null : <Loaded {...props} />;
}

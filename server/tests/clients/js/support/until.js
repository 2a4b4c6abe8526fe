import { setTimeout as pause } from "node:timers/promises";

/** No test waits for luck: this is only how long a broken one takes to say so. */
export const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 4;

/** Waits until `holds` answers true; `seen` says what there is instead when it never does. */
export async function until(what, holds, seen = () => "", patience = PATIENCE_MS) {
  const deadline = Date.now() + patience;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what} ${seen()}`);
    await pause(LOOK_EVERY_MS);
  }
}

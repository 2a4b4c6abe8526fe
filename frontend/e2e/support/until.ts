import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

/** No test waits for luck: this is only how long a broken one takes to say so. */
export const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 40;

/** Waits until `holds` answers true. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  patience = PATIENCE_MS,
): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}

/** Waits until `look` sees exactly this; fails with the difference of the last look. */
export async function sees<T>(look: () => Promise<T> | T, expected: T): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    try {
      assert.deepEqual(seen, expected);
      return;
    } catch (difference) {
      if (Date.now() > deadline) throw difference;
    }
    await pause(LOOK_EVERY_MS);
  }
}

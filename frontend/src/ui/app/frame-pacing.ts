import { options } from "preact";

const FRAME_MS = 16;
/** Who acts sees what comes of it at once, for this long. */
const ACTED_MS = 100;
const ACTS = ["keydown", "input", "click", "focusin"] as const;

/**
 * Draws at once what comes alone or of somebody's hand, and once a frame what comes in a burst:
 * nobody sees more than that of 200 messages a second. A page that isn't seen has no frames and
 * doesn't wait for one. Returns what runs something else at that pace.
 */
export function drawByFrame(): (run: () => void) => void {
  let drawn = -FRAME_MS;
  let acted = -ACTED_MS;
  const act = () => {
    acted = performance.now();
  };
  for (const what of ACTS) addEventListener(what, act, { capture: true, passive: true });
  const schedule = (run: () => void) => {
    const at = performance.now();
    const burst = at - drawn < FRAME_MS && at - acted > ACTED_MS;
    if (burst && document.visibilityState === "visible") requestAnimationFrame(run);
    else queueMicrotask(run);
  };
  options.debounceRendering = (draw) =>
    schedule(() => {
      drawn = performance.now();
      draw();
    });
  return schedule;
}

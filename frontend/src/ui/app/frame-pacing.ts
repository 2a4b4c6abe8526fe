import { options } from "preact";

const FRAME_MS = 16;
/** Who acts sees what comes of it at once, for this long. */
const ACTED_MS = 100;
const ACTS = ["keydown", "input", "click", "focusin"] as const;

/**
 * Draws at once what comes alone or of somebody's hand, and once a frame what comes in a burst:
 * nobody sees more than that of 200 messages a second. A page that isn't seen has no frames and
 * doesn't wait for one. Returns what has something run right before each drawing, until it is
 * stopped: what is drawn can be made when nothing happens any more until it is.
 */
export function drawByFrame(): (run: () => void) => () => void {
  let drawn = -FRAME_MS;
  let acted = -ACTED_MS;
  const act = () => {
    acted = performance.now();
  };
  for (const what of ACTS) addEventListener(what, act, { capture: true, passive: true });
  const before = new Set<() => void>();
  options.debounceRendering = (draw) => {
    const at = performance.now();
    const burst = at - drawn < FRAME_MS && at - acted > ACTED_MS;
    const now = () => {
      drawn = performance.now();
      try {
        before.forEach((run) => run());
      } finally {
        draw();
      }
    };
    if (burst && document.visibilityState === "visible") requestAnimationFrame(now);
    else queueMicrotask(now);
  };
  return (run) => {
    before.add(run);
    return () => before.delete(run);
  };
}

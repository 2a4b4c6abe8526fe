import { options } from "preact";

const FRAME_MS = 16;

/**
 * Draws at once what comes alone, and once a frame what comes in a burst: nobody sees more than
 * that of 200 messages a second. A page that isn't seen has no frames and doesn't wait for one.
 */
export function drawByFrame(): void {
  let drawn = -FRAME_MS;
  options.debounceRendering = (draw) => {
    const now = () => {
      drawn = performance.now();
      draw();
    };
    const burst = performance.now() - drawn < FRAME_MS;
    if (burst && document.visibilityState === "visible") requestAnimationFrame(now);
    else queueMicrotask(now);
  };
}

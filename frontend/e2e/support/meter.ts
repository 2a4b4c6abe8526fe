// What a page costs and how fast it is, by the browser's own clocks.

import type { Person } from "./person.js";

export interface Frames {
  /** Milliseconds from one frame to the next: the middle, and what 95 of 100 keep. */
  median: number;
  p95: number;
  worst: number;
  /** The longest task of the page's thread, in milliseconds; 0 when none took 50. */
  longestTask: number;
  /** The most elements that the document had in any frame. */
  elements: number;
}

interface Recorder {
  gaps: number[];
  tasks: number[];
  elements: number;
  on: boolean;
}
declare global {
  // The page's own, while it is measured.
  var maruRecorder: Recorder | undefined;
}

/** Looks at every frame while `run` goes on. */
export async function frames(person: Person, run: () => Promise<void>): Promise<Frames> {
  await person.page.evaluate(() => {
    const recorder: Recorder = { gaps: [], tasks: [], elements: 0, on: true };
    globalThis.maruRecorder = recorder;
    const live = document.getElementsByTagName("*");
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) recorder.tasks.push(duration);
    });
    observer.observe({ type: "longtask" });
    let last = performance.now();
    const frame = () => {
      const now = performance.now();
      recorder.gaps.push(now - last);
      last = now;
      recorder.elements = Math.max(recorder.elements, live.length);
      if (recorder.on) requestAnimationFrame(frame);
      else observer.disconnect();
    };
    requestAnimationFrame(frame);
  });
  await run();
  const { gaps, tasks, elements } = await person.page.evaluate(() => {
    const recorder = globalThis.maruRecorder;
    if (recorder === undefined) throw new Error("nothing was recorded");
    recorder.on = false;
    return recorder;
  });
  gaps.sort((a, b) => a - b);
  const at = (part: number) => gaps[Math.floor((gaps.length - 1) * part)] ?? 0;
  return {
    median: at(0.5),
    p95: at(0.95),
    worst: at(1),
    longestTask: Math.max(0, ...tasks),
    elements,
  };
}

/** Bytes of the heap that are in use after everything unused was let go. */
export async function heap(person: Person): Promise<number> {
  const session = await person.context.newCDPSession(person.page);
  await session.send("HeapProfiler.enable");
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}

/**
 * Milliseconds from an event that the page hears until what follows from it has been painted: the
 * second frame after `shows` a sign of it begins when the first was drawn.
 */
export async function painted(
  person: Person,
  event: "keydown" | "click",
  shows: string,
  act: () => Promise<void>,
): Promise<number> {
  const measured = person.page.evaluate(
    ([event, shows]) =>
      new Promise<number>((done) => {
        addEventListener(
          event,
          (heard) => {
            const frame = () => {
              const sign = document.evaluate(shows, document, null, XPathResult.BOOLEAN_TYPE);
              if (!sign.booleanValue) requestAnimationFrame(frame);
              else requestAnimationFrame(() => done(performance.now() - heard.timeStamp));
            };
            requestAnimationFrame(frame);
          },
          { capture: true, once: true },
        );
      }),
    [event, shows] as const,
  );
  // The listener is there when the page has run something later.
  await person.page.evaluate(() => undefined);
  await act();
  return measured;
}

/** Of several measurements, as a table has them. */
export function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
  return `median ${at(0.5)} ms, worst ${at(1)} ms of ${sorted.length}`;
}

export const mib = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MiB`;

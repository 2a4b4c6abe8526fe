import type { RefObject } from "preact";
import type { Row } from "./rows";
import type { ScrollManager } from "./scroll-manager";

/** What stands beside a message's text, and how wide lines get at most: see message.css. */
const BESIDE_PX = 96;
const WIDEST_PX = 690;

/** What of the log the controller works on. */
export interface LogElements {
  port: RefObject<HTMLElement | null>;
  list: RefObject<HTMLElement | null>;
  /** Stand before and behind the log: Tab goes on from there. */
  before: RefObject<HTMLElement | null>;
  after: RefObject<HTMLElement | null>;
}

/**
 * Tells the layout how high the drawn rows are: as they are drawn, and whenever one changes later
 * (an image, a font, another width), before that is painted. `resized` measures those.
 */
export function rowSizes(
  scroll: ScrollManager<Row>,
  { port, list }: LogElements,
  resized: (rows: readonly Element[]) => void,
) {
  let width = 600;
  let observer: ResizeObserver | undefined;
  const seen = new Set<Element>();
  const heard = (changes: readonly ResizeObserverEntry[]) => {
    for (const { target, contentRect } of changes) {
      if (target !== port.current) continue;
      width = Math.min(WIDEST_PX, contentRect.width - BESIDE_PX);
    }
    resized(changes.map(({ target }) => target));
  };
  return {
    /** How wide a message's text may be. */
    textWidth: () => width,
    /** Other rows were drawn. */
    drawn: () => {
      if (port.current === null || list.current === null) return;
      scroll.attach(port.current, list.current);
      observer ??= new ResizeObserver(heard);
      const now = new Set<Element>([port.current, ...list.current.children]);
      const fresh: Element[] = [];
      for (const row of now) {
        if (seen.has(row)) continue;
        observer.observe(row);
        fresh.push(row);
        seen.add(row);
      }
      for (const row of seen) {
        if (now.has(row)) continue;
        observer.unobserve(row);
        seen.delete(row);
      }
      scroll.measure(fresh);
    },
    stop: () => observer?.disconnect(),
  };
}

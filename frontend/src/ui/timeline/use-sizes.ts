import type { RefObject } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { Row } from "./rows";
import type { ScrollManager } from "./scroll-manager";

/** What stands beside a message's text, and how wide lines get at most: see timeline.css. */
const BESIDE_PX = 96;
const WIDEST_PX = 690;

interface Props {
  scroll: ScrollManager<Row>;
  port: RefObject<HTMLElement | null>;
  list: RefObject<HTMLElement | null>;
  textWidth: { current: number };
  redraw: () => void;
  look: () => void;
  /** The reader may have scrolled and the event may still be on its way. */
  noticeScroll: () => void;
}

/**
 * Tells the layout how high the drawn rows are: as they are drawn, and whenever one changes later
 * (an image, a font, another width), before that is painted.
 */
export function useSizes({ scroll, port, list, textWidth, redraw, look, noticeScroll }: Props) {
  const watch = useMemo(() => {
    const seen = new Set<Element>();
    const observer = new ResizeObserver((changes) => {
      for (const { target, contentRect } of changes) {
        if (target !== port.current) continue;
        textWidth.current = Math.min(WIDEST_PX, contentRect.width - BESIDE_PX);
      }
      noticeScroll();
      scroll.measure(changes.map(({ target }) => target));
      scroll.keep();
      look();
      // In the next frame: what is drawn from here on would be measured too late for this one.
      if (!scroll.covered) requestAnimationFrame(redraw);
    });
    return { seen, observer };
  }, []);

  useEffect(() => () => watch.observer.disconnect(), []);

  const drawn = () => {
    const { seen, observer } = watch;
    if (port.current === null || list.current === null) return;
    scroll.attach(port.current, list.current);
    if (seen.size === 0) observer.observe(port.current);
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
  };
  return { drawn };
}

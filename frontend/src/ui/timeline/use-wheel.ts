import { useEffect, useRef } from "preact/hooks";
import type { Row } from "./rows";
import type { ScrollManager } from "./scroll-manager";

/** The wheel stands still when nothing was scrolled for this long. */
const REST_MS = 150;

/** Notices that the reader scrolled, also where the event is still on its way, and that they rest. */
export function useWheel(scroll: ScrollManager<Row>, atHead: () => boolean): () => void {
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(resting.current), []);
  return () => {
    if (!scroll.scrolled(atHead())) return;
    clearTimeout(resting.current);
    resting.current = setTimeout(() => scroll.rest(), REST_MS);
  };
}

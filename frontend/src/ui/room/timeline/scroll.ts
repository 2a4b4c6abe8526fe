// The sums behind a timeline that never jumps, apart from the DOM.

import type { PlacedRow } from "../../context/room-views";

/** Closer to the end than this counts as being there: a line of text, and a bit. */
export const NEAR_PX = 48;
/** Older pages are asked for this long before the reader reaches the top. */
export const PREFETCH_PX = 900;
/** Rows are drawn this far above and below what is seen. */
export const AHEAD_PX = 600;

export interface Extent {
  scrollTop: number;
  scrollHeight: number;
  clientHeight: number;
}

export function fromBottom(extent: Extent): number {
  return Math.max(0, extent.scrollHeight - extent.clientHeight - extent.scrollTop);
}

export function isNearBottom(extent: Extent): boolean {
  return fromBottom(extent) <= NEAR_PX;
}

/** Where the viewport has to begin so that the first surviving anchor is where it was. */
export function viewTop(
  place: readonly PlacedRow[],
  topOf: (key: string) => number | undefined,
): number | undefined {
  for (const row of place) {
    const top = topOf(row.key);
    if (top !== undefined) return top - row.top;
  }
  return undefined;
}

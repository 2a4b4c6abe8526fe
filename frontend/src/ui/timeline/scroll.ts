// The sums behind a timeline that never jumps, apart from the DOM.

/** Closer to the end than this counts as being there: a line of text, and a bit. */
export const NEAR_PX = 48;
/** Older pages are asked for this long before the reader reaches the top. */
export const PREFETCH_PX = 900;

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

/** A row and where it is, relative to the viewport's top edge. */
export interface Placed {
  key: string;
  top: number;
  bottom: number;
}

/** The rows to hold on to, best first: what the reader sees, from the top. */
export function anchors(rows: readonly Placed[], height: number): Placed[] {
  return rows.filter((row) => row.bottom > 0 && row.top < height);
}

/** How far to scroll so that the first surviving anchor stays where it was. */
export function correction(
  held: readonly Placed[],
  topOf: (key: string) => number | undefined,
): number {
  for (const row of held) {
    const top = topOf(row.key);
    if (top !== undefined) return top - row.top;
  }
  return 0;
}

/** The highest seq whose row is fully above the viewport's bottom edge. */
export function lastSeen(rows: readonly (Placed & { seq: number })[], height: number): number {
  let seen = 0;
  for (const row of rows) if (row.bottom <= height + 1) seen = Math.max(seen, row.seq);
  return seen;
}

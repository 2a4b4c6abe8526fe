/** So many stand in a row, on a phone too: a thumb is wider than an emoji, eight of them fit. */
export const COLUMNS = 8;

/** Where a key leads from one cell of `count`; null where it leads out of the top, -1 if nowhere. */
export function step(key: string, at: number, count: number): number | null {
  const last = count - 1;
  switch (key) {
    case "ArrowRight":
      return Math.min(at + 1, last);
    case "ArrowLeft":
      return Math.max(at - 1, 0);
    case "ArrowDown":
      // Into a shorter last row too.
      return rowOf(at) === rowOf(last) ? at : Math.min(at + COLUMNS, last);
    case "ArrowUp":
      return at < COLUMNS ? null : at - COLUMNS;
    case "Home":
      return rowOf(at) * COLUMNS;
    case "End":
      return Math.min(rowOf(at) * COLUMNS + COLUMNS - 1, last);
    case "PageDown":
      return Math.min(at + COLUMNS * 5, last);
    case "PageUp":
      return Math.max(at - COLUMNS * 5, at % COLUMNS);
    default:
      return -1;
  }
}

const rowOf = (index: number) => Math.floor(index / COLUMNS);

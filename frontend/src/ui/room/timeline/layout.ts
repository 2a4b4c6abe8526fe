// Where thousands of rows stand below each other, of which only some are drawn: pure sums.

import type { PlacedRow } from "../../context/room-views";

export interface Range {
  from: number;
  /** Behind the last one. */
  to: number;
}

/** The rows of some ranges, each once and in order. */
export function windowOf<R>(rows: readonly R[], ranges: readonly Range[]): R[] {
  const drawn: R[] = [];
  let end = 0;
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    drawn.push(...rows.slice(Math.max(from, end), to));
    end = Math.max(end, to);
  }
  return drawn;
}

/** Differences below this come from rounding. */
const SAME_PX = 0.05;

/**
 * Heights as measured where a row was drawn, as estimated where it never was. Positions are in
 * pixels from the top of the first row; every question costs the logarithm of the rows at most,
 * and a change the rows behind it.
 */
export class Layout<R extends { readonly key: string }> {
  private rows: readonly R[] = [];
  private readonly indexes = new Map<string, number>();
  private readonly heights: number[] = [];
  /** `tops[i]` is where row `i` begins, for each `i` up to `known`; one more than there are rows. */
  private readonly tops: number[] = [0];
  private known = 0;

  constructor(private readonly estimate: (row: R) => number) {}

  get count(): number {
    return this.rows.length;
  }

  get total(): number {
    return this.top(this.rows.length);
  }

  setRows(rows: readonly R[]): void {
    if (rows === this.rows) return;
    const before = this.rows;
    let same = 0;
    while (same < before.length && same < rows.length && before[same]?.key === rows[same]?.key) {
      same += 1;
    }
    const moved = new Map<string, number>();
    for (let i = same; i < before.length; i++) {
      const key = before[i]?.key ?? "";
      moved.set(key, this.heights[i] ?? 0);
      this.indexes.delete(key);
    }
    this.rows = rows;
    this.heights.length = same;
    for (let i = same; i < rows.length; i++) {
      const row = rows[i];
      if (row === undefined) continue;
      this.indexes.set(row.key, i);
      this.heights.push(moved.get(row.key) ?? this.estimate(row));
    }
    this.known = Math.min(this.known, same);
  }

  row(index: number): R | undefined {
    return this.rows[index];
  }

  indexOf(key: string): number | undefined {
    return this.indexes.get(key);
  }

  top(index: number): number {
    while (this.known < index) {
      const at = this.known++;
      this.tops[at + 1] = (this.tops[at] ?? 0) + (this.heights[at] ?? 0);
    }
    return this.tops[index] ?? 0;
  }

  topOf(key: string): number | undefined {
    const index = this.indexes.get(key);
    return index === undefined ? undefined : this.top(index);
  }

  /** What a row turned out to be; whether that is news. */
  measure(key: string, height: number): boolean {
    const index = this.indexes.get(key);
    if (index === undefined) return false;
    if (Math.abs((this.heights[index] ?? 0) - height) < SAME_PX) return false;
    this.heights[index] = height;
    this.known = Math.min(this.known, index);
    return true;
  }

  /** The rows that touch a stretch: those at its ends, and all between. */
  touching(top: number, bottom: number): Range {
    return { from: this.firstEndingBelow(top), to: this.firstBeginningAt(bottom) };
  }

  /** The rows to hold on to, best first: what a viewport shows, from the top. */
  anchors(top: number, page: number): PlacedRow[] {
    const { from, to } = this.touching(top, top + page);
    return this.rows.slice(from, to).map((row, i) => ({
      key: row.key,
      top: this.top(from + i) - top,
      bottom: this.top(from + i + 1) - top,
    }));
  }

  private firstEndingBelow(y: number): number {
    return this.search((index) => this.top(index + 1) > y);
  }

  private firstBeginningAt(y: number): number {
    return this.search((index) => this.top(index) >= y);
  }

  /** The first row that `holds`, which is true from some row on. */
  private search(holds: (index: number) => boolean): number {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

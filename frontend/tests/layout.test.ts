import { describe, expect, it } from "vitest";
import { Layout } from "../src/ui/room/timeline/layout";
import { viewTop } from "../src/ui/room/timeline/scroll";
import { forSeeds, pick } from "./support/random";

const row = (n: number) => ({ key: String(n) });
const rows = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => row(from + i));
/** As wrong as an estimate may be: some heights, from the key. */
const guess = ({ key }: { key: string }) => 20 + (Number(key) % 7) * 9;

describe("a layout", () => {
  it("is nothing without rows", () => {
    const layout = new Layout(guess);
    layout.setRows([]);
    expect(layout.total).toBe(0);
    expect(layout.touching(0, 500)).toEqual({ from: 0, to: 0 });
    expect(layout.anchors(0, 500)).toEqual([]);
  });

  it("says which rows touch a stretch, those at its edges not", () => {
    const layout = new Layout(() => 10);
    layout.setRows(rows(1, 10));
    expect(layout.touching(20, 50)).toEqual({ from: 2, to: 5 });
    expect(layout.touching(21, 51)).toEqual({ from: 2, to: 6 });
    expect(layout.touching(-100, 5)).toEqual({ from: 0, to: 1 });
    expect(layout.touching(95, 1_000)).toEqual({ from: 9, to: 10 });
    expect(layout.touching(200, 300)).toEqual({ from: 10, to: 10 });
  });

  it("anchors are the rows in view, from the top", () => {
    const layout = new Layout(() => 30);
    layout.setRows(rows(1, 10));
    expect(layout.anchors(50, 50)).toEqual([
      { key: "2", top: -20, bottom: 10 },
      { key: "3", top: 10, bottom: 40 },
      { key: "4", top: 40, bottom: 70 },
    ]);
  });

  it("keeps what was measured when rows come before, and asks no estimate twice", () => {
    let asked = 0;
    const layout = new Layout(() => {
      asked += 1;
      return 30;
    });
    layout.setRows(rows(50, 99));
    layout.measure("60", 100);
    layout.setRows(rows(1, 99));
    expect(asked).toBe(99);
    expect(layout.total).toBe(98 * 30 + 100);
    expect(layout.measure("60", 100)).toBe(false);
    expect(layout.measure("61", 31)).toBe(true);
    expect(layout.measure("no row", 5)).toBe(false);
  });

  it("the total is the sum, and every row stands where those above end, whatever happens", () => {
    forSeeds(100, (random) => {
      const layout = new Layout(guess);
      const real = new Map<string, number>();
      let held = rows(500, 520);
      const some = (most: number) => 1 + Math.floor(random() * most);
      for (let step = 0; step < 60; step++) {
        const first = Number(held[0]?.key ?? 500);
        const last = Number(held.at(-1)?.key ?? 500);
        const dice = Math.floor(random() * 6);
        if (dice === 0) held = [...held, ...rows(last + 1, last + some(5))];
        else if (dice === 1 && first > 60) held = [...rows(first - some(50), first - 1), ...held];
        else if (dice === 2 && held.length > 30) held = held.slice(some(20));
        else if (dice === 3 && held.length > 30) held = held.slice(0, -some(20));
        else if (dice === 4) held = held.filter(() => random() < 0.95);
        else if (held.length > 0) {
          const { key } = pick(random, held);
          const height = Math.round(random() * 400) / 4;
          real.set(key, height);
          layout.setRows(held);
          layout.measure(key, height);
        }
        layout.setRows(held);
        // A row that went away and comes back is estimated anew.
        for (const key of real.keys()) if (layout.indexOf(key) === undefined) real.delete(key);
        let y = 0;
        held.forEach((one, i) => {
          if (Math.abs(layout.top(i) - y) > 0.001) throw new Error(`row ${i} stands wrong`);
          if (layout.indexOf(one.key) !== i) throw new Error(`${one.key} isn't found`);
          y += real.get(one.key) ?? guess(one);
        });
        expect(layout.total).toBeCloseTo(y);
        const top = random() * y;
        const { from, to } = layout.touching(top, top + 300);
        for (let i = 0; i < held.length; i++) {
          const inside = layout.top(i + 1) > top && layout.top(i) < top + 300;
          if (inside !== (i >= from && i < to)) throw new Error(`row ${i} of ${from} to ${to}`);
        }
      }
    });
  });

  it("an anchor never moves, whatever is measured, comes or goes around it", () => {
    forSeeds(100, (random) => {
      const layout = new Layout(guess);
      let held = rows(500, 600);
      layout.setRows(held);
      let top = random() * (layout.total - 300);
      const place = layout.anchors(top, 300);
      const anchor = place[0];
      if (anchor === undefined) throw new Error("nothing in view");
      const at = (key: string) => (layout.topOf(key) ?? NaN) - top;
      for (let step = 0; step < 40; step++) {
        const first = Number(held[0]?.key);
        const last = Number(held.at(-1)?.key);
        const dice = Math.floor(random() * 4);
        if (dice === 0) held = [...held, ...rows(last + 1, last + 3)];
        else if (dice === 1 && first > 60) held = [...rows(first - 50, first - 1), ...held];
        else if (dice === 2) {
          // The far ends go, on either side.
          const index = layout.indexOf(anchor.key) ?? 0;
          held = held.slice(Math.min(index, 5), Math.max(index + 1, held.length - 5));
        } else layout.measure(pick(random, held).key, random() * 200);
        layout.setRows(held);
        top = viewTop(place, (key) => layout.topOf(key)) ?? NaN;
        expect(at(anchor.key)).toBeCloseTo(anchor.top);
      }
    });
  });
});

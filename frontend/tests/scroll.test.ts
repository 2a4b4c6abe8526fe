import { beforeEach, describe, expect, it } from "vitest";
import { reveal } from "../src/ui/room/timeline/keyboard";
import { Layout } from "../src/ui/room/timeline/layout";
import { fromBottom, isNearBottom, NEAR_PX, viewTop } from "../src/ui/room/timeline/scroll";
import { ScrollManager } from "../src/ui/room/timeline/scroll-manager";
import { HEAD, Port } from "./support/port";
import type { DrawnRow as Row } from "./support/port";
import { forSeeds } from "./support/random";

describe("the sums", () => {
  it("how far the end is", () => {
    expect(fromBottom({ scrollTop: 300, scrollHeight: 1_000, clientHeight: 500 })).toBe(200);
    // Safari's rubber band.
    expect(fromBottom({ scrollTop: 520, scrollHeight: 1_000, clientHeight: 500 })).toBe(0);
  });

  it("a line above the end is still the end", () => {
    const extent = { scrollHeight: 1_000, clientHeight: 500 };
    expect(isNearBottom({ ...extent, scrollTop: 500 - NEAR_PX })).toBe(true);
    expect(isNearBottom({ ...extent, scrollTop: 500 - NEAR_PX - 1 })).toBe(false);
  });

  it("the first anchor that survived says where the view begins", () => {
    const place = [
      { key: "gone", top: -10, bottom: 10 },
      { key: "b", top: 10, bottom: 40 },
    ];
    const tops = new Map([["b", 260]]);
    expect(viewTop(place, (key) => tops.get(key))).toBe(250);
    expect(viewTop(place, () => undefined)).toBeUndefined();
  });
});

const GUESS = 30;

describe("the reader's place", () => {
  const rows = (from: number, to: number, height = GUESS): Row[] =>
    Array.from({ length: to - from + 1 }, (_, i) => ({ key: String(from + i), height }));
  let port: Port;
  let scroll: ScrollManager<Row>;
  let all: Row[];
  let pinned: string | null;

  /** What the timeline does whenever something changed: render, then layout effect. */
  const draw = () => {
    scroll.scrolled(true);
    scroll.layout.setRows(all);
    for (let pass = 0; pass < 10; pass++) {
      const { from, to } = scroll.draw();
      port.drawn = all.filter((row, i) => (i >= from && i < to) || row.key === pinned);
      const { list } = port;
      scroll.attach(port as unknown as HTMLElement, list as unknown as HTMLElement);
      scroll.measure(list.children as unknown as Element[]);
      scroll.keep();
      if (scroll.covered) return pass;
    }
    throw new Error("it never comes to rest");
  };
  const readerGoesTo = (top: number) => {
    port.scrollTop = top;
    scroll.scrolled(true);
    draw();
    scroll.rest();
  };
  const change = (apply: () => void) => {
    apply();
    draw();
  };
  const inView = () => {
    const row = port.drawn.find(
      (one) => (port.topOf(one.key) ?? -1) >= 0 && (port.topOf(one.key) ?? 1e9) < port.clientHeight,
    );
    if (row === undefined) throw new Error("nothing is in view");
    return row.key;
  };
  const stays = (key: string, before: number | undefined) =>
    expect(Math.abs((port.topOf(key) ?? NaN) - (before ?? NaN))).toBeLessThanOrEqual(1);

  beforeEach(() => {
    port = new Port();
    all = rows(1_001, 2_000);
    pinned = null;
    scroll = new ScrollManager<Row>(new Layout(() => GUESS));
    draw();
  });

  it("begins at the newest, with the rows around it drawn and no other", () => {
    expect(fromBottom(port)).toBe(0);
    expect(port.drawn.at(-1)?.key).toBe("2000");
    expect(port.drawn.length).toBeLessThan(60);
  });

  it("at the newest stays at the newest", () => {
    change(() => (all = [...all, { key: "new", height: 90 }]));
    expect(fromBottom(port)).toBe(0);
    expect(port.drawn.at(-1)?.key).toBe("new");
    expect(scroll.stick).toBe(true);
    expect(scroll.bookmark).toBeNull();
  });

  it("doesn't move when older ones come above, whatever their height turns out to be", () => {
    readerGoesTo(15_000);
    const key = inView();
    const before = port.topOf(key);
    change(() => (all = [...rows(951, 1_000, 47), ...all]));
    stays(key, before);
  });

  it("doesn't move when newer ones come below, nor when the oldest go", () => {
    readerGoesTo(15_000);
    const key = inView();
    const before = port.topOf(key);
    change(() => (all = [...all.slice(100), ...rows(2_001, 2_020)]));
    stays(key, before);
  });

  it("holds on to the next row when the first in view is gone", () => {
    readerGoesTo(15_000);
    const [first, second] = scroll.bookmark ?? [];
    change(() => (all = all.filter((row) => row.key !== first?.key)));
    stays(second?.key ?? "", second?.top);
  });

  it("doesn't move when an image above comes late", () => {
    readerGoesTo(15_000);
    const key = inView();
    const before = port.topOf(key);
    const above = port.drawn[0];
    if (above === undefined) throw new Error("nothing is drawn above");
    above.height = 500;
    scroll.measure(port.list.children as unknown as Element[]);
    scroll.keep();
    stays(key, before);
  });

  it("is with what is seen whole: what is cut off above may grow", () => {
    readerGoesTo(15_000);
    const [first] = scroll.bookmark ?? [];
    expect(first?.top).toBeGreaterThanOrEqual(0);
    const cut = port.drawn.find((row) => row.key === String(Number(first?.key) - 1));
    if (cut === undefined || first === undefined) throw new Error("nothing is cut off");
    expect(port.topOf(cut.key)).toBeLessThan(0);
    cut.height += 100;
    scroll.measure(port.list.children as unknown as Element[]);
    scroll.keep();
    stays(first.key, first.top);
  });

  it("isn't put back when the reader scrolled and the browser hasn't told yet", () => {
    readerGoesTo(15_000);
    port.scrollTop = 15_200;
    const key = inView();
    const before = port.topOf(key);
    change(() => (all = [...rows(951, 1_000, 47), ...all]));
    stays(key, before);
  });

  it("goes with the newest again when the reader comes near them", () => {
    readerGoesTo(15_000);
    expect(scroll.stick).toBe(false);
    readerGoesTo(port.scrollHeight - port.clientHeight - 20);
    expect(scroll.stick).toBe(true);
    port.clientHeight = 120;
    scroll.keep();
    expect(fromBottom(port)).toBe(0);
  });

  it("at the end of a window that isn't the newest doesn't stick", () => {
    readerGoesTo(15_000);
    port.scrollTop = port.scrollHeight;
    expect(scroll.scrolled(false)).toBe(true);
    expect(scroll.stick).toBe(false);
  });

  it("goes to a row that was never drawn, and says when there is none", () => {
    all = rows(1_001, 2_000, 21);
    expect(scroll.toRow("1300", 0.5)).toBe(true);
    draw();
    expect(Math.abs((port.topOf("1300") ?? NaN) - (200 - 30) / 2)).toBeLessThanOrEqual(1);
    expect(scroll.stick).toBe(false);
    expect(scroll.toRow("999", 0.5)).toBe(false);
  });

  it("brings a row into view by as little as that takes", () => {
    readerGoesTo(15_000);
    const key = inView();
    const before = port.topOf(key);
    reveal(scroll, key);
    stays(key, before);
    reveal(scroll, String(Number(key) - 3));
    draw();
    stays(String(Number(key) - 3), 0);
    reveal(scroll, String(Number(key) + 20));
    draw();
    stays(String(Number(key) + 20), 200 - GUESS);
  });

  it("keeps a row that has the focus drawn where it belongs, however far away", () => {
    readerGoesTo(15_000);
    pinned = inView();
    for (const [to, expected] of [
      [3_000, 12_000],
      [28_000, -13_000],
    ] as const) {
      readerGoesTo(to);
      expect(port.drawn.some((row) => row.key === pinned)).toBe(true);
      expect(port.drawn.length).toBeLessThan(60);
      expect(Math.abs((port.topOf(pinned) ?? NaN) - expected)).toBeLessThanOrEqual(40);
      const key = inView();
      expect(
        Math.abs(HEAD + (scroll.layout.topOf(key) ?? 0) - (port.topOf(key) ?? 0) - to),
      ).toBeLessThan(1);
    }
  });

  it("leaves the scroll bar alone while the reader's hand is on it, and makes up for it then", () => {
    readerGoesTo(15_000);
    port.scrollTop -= 40;
    scroll.scrolled(true);
    draw();
    const hand = port.scrollTop;
    const key = inView();
    const before = port.topOf(key);
    const above = port.drawn[0];
    if (above !== undefined) above.height = 90;
    scroll.measure(port.list.children as unknown as Element[]);
    scroll.keep();
    expect(port.scrollTop).toBe(hand);
    stays(key, before);
    scroll.rest();
    expect(port.scrollTop).toBe(hand + 60);
    stays(key, before);
    expect(port.style.marginTop).toBe("0px");
  });

  it("at the very top is at the first row, whatever was drawn above meanwhile", () => {
    readerGoesTo(15_000);
    port.scrollTop -= 40;
    scroll.scrolled(true);
    draw();
    change(() => (all = [...rows(951, 1_000, 47), ...all]));
    expect(port.style.marginTop).not.toBe("0px");
    port.scrollTop = 0;
    scroll.scrolled(true);
    draw();
    expect(port.drawn[0]?.key).toBe("951");
    stays("951", 0);
  });

  it("never moves, whatever comes, goes, grows and is drawn; and draws few rows", () => {
    forSeeds(60, (random) => {
      port = new Port();
      const any = (from: number, to: number) =>
        rows(from, to).map((row) => ({ ...row, height: 8 + Math.floor(random() * 120) }));
      all = any(1_001, 1_400);
      scroll = new ScrollManager<Row>(new Layout(() => GUESS));
      draw();
      readerGoesTo(4_000 + random() * 4_000);
      for (let step = 0; step < 30; step++) {
        if (random() < 0.3) {
          // On by the wheel, or far by the scroll bar.
          const to = random() < 0.7 ? port.scrollTop + (random() - 0.5) * 300 : random() * 20_000;
          port.scrollTop = to;
          scroll.scrolled(false);
          draw();
        }
        if (random() < 0.5) scroll.rest();
        const [anchor] = scroll.bookmark ?? [];
        const dice = Math.floor(random() * 4);
        const first = Number(all[0]?.key);
        const last = Number(all.at(-1)?.key);
        change(() => {
          if (dice === 0) all = [...any(first - 20, first - 1), ...all];
          else if (dice === 1) all = [...all, ...any(last + 1, last + 5)];
          else if (dice === 2 && first < Number(anchor?.key) - 40) all = all.slice(10);
          else {
            // An image that was late, anywhere.
            const row = port.drawn[Math.floor(random() * port.drawn.length)];
            if (row !== undefined) row.height += 25;
            scroll.measure(port.list.children as unknown as Element[]);
          }
        });
        // The ends of the log hold everything back.
        const ended = port.scrollTop === 0 || fromBottom(port) < 1;
        if (anchor !== undefined && !ended) stays(anchor.key, anchor.top);
        expect(port.drawn.length).toBeLessThan(260);
      }
    });
  });

  it("is nowhere without an element", () => {
    const bare = new ScrollManager<Row>(new Layout(() => GUESS));
    bare.keep();
    bare.settle(true);
    expect(bare.scrolled(true)).toBe(false);
    expect(bare.toRow("1", 0)).toBe(false);
  });
});

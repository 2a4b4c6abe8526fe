import { beforeEach, describe, expect, it } from "vitest";
import {
  anchors,
  correction,
  fromBottom,
  isNearBottom,
  lastSeen,
  NEAR_PX,
} from "../src/ui/timeline/scroll";
import { ScrollManager } from "../src/ui/timeline/scroll-manager";

const row = (key: string, top: number, bottom: number, seq = 0) => ({ key, top, bottom, seq });

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

  it("anchors are the rows in view, from the top", () => {
    const rows = [row("a", -40, 0), row("b", -20, 20), row("c", 20, 80), row("d", 100, 120)];
    expect(anchors(rows, 100).map((one) => one.key)).toEqual(["b", "c"]);
  });

  it("the first anchor that survived says how far everything moved", () => {
    const held = [row("gone", -10, 10), row("b", 10, 40)];
    const tops = new Map([["b", 260]]);
    expect(correction(held, (key) => tops.get(key))).toBe(250);
    expect(correction(held, () => undefined)).toBe(0);
  });

  it("seen is what is above the lower edge as a whole", () => {
    const rows = [row("a", 0, 50, 7), row("b", 50, 100, 8), row("c", 100, 150, 9)];
    expect(lastSeen(rows, 100)).toBe(8);
    expect(lastSeen(rows, 151)).toBe(9);
    expect(lastSeen([row("day", 0, 20)], 100)).toBe(0);
  });
});

/** As much of a scrolling element as is used: rows of some height below each other. */
class Port {
  rows: { key: string; height: number }[] = [];
  clientHeight = 200;
  private top = 0;

  get scrollHeight(): number {
    return this.rows.reduce((sum, one) => sum + one.height, 0);
  }
  get scrollTop(): number {
    return this.top;
  }
  set scrollTop(value: number) {
    this.top = Math.max(0, Math.min(value, this.scrollHeight - this.clientHeight));
  }
  getBoundingClientRect() {
    return { top: 60 };
  }
  querySelectorAll() {
    let y = 60 - this.top;
    return this.rows.map(({ key, height }) => {
      const top = y;
      y += height;
      const dataset = { key, seq: key };
      return { dataset, getBoundingClientRect: () => ({ top, bottom: top + height }) };
    });
  }
  /** Where a row stands in the viewport. */
  at(key: string): number | undefined {
    const found = this.querySelectorAll().find((one) => one.dataset.key === key);
    return found === undefined ? undefined : found.getBoundingClientRect().top - 60;
  }
}

describe("the reader's place", () => {
  const rows = (from: number, to: number, height = 30) =>
    Array.from({ length: to - from + 1 }, (_, i) => ({ key: String(from + i), height }));
  let port: Port;
  let scroll: ScrollManager;

  beforeEach(() => {
    port = new Port();
    port.rows = rows(101, 150);
    scroll = new ScrollManager();
    scroll.attach(port as unknown as HTMLElement);
    scroll.toBottom();
  });
  const readerGoesTo = (top: number) => {
    port.scrollTop = top;
    scroll.scrolled(true);
  };
  const change = (apply: () => void) => {
    const held = scroll.hold();
    apply();
    scroll.restore(held);
  };

  it("at the newest stays at the newest", () => {
    change(() => (port.rows = rows(101, 151)));
    expect(fromBottom(port)).toBe(0);
    expect(scroll.stick).toBe(true);
  });

  it("doesn't move when older ones come above", () => {
    readerGoesTo(600);
    const before = port.at("121");
    change(() => (port.rows = [...rows(51, 100, 47), ...port.rows]));
    expect(port.at("121")).toBe(before);
  });

  it("doesn't move when newer ones come below, nor when the oldest go", () => {
    readerGoesTo(600);
    const before = port.at("122");
    change(() => (port.rows = [...port.rows.slice(10), ...rows(151, 170)]));
    expect(port.at("122")).toBe(before);
  });

  it("holds on to the next row when the first in view is gone", () => {
    readerGoesTo(600);
    const before = port.at("122");
    change(() => (port.rows = port.rows.filter((one) => one.key !== "121")));
    expect(port.at("122")).toBe(before);
  });

  it("goes with the newest again when the reader comes near them", () => {
    readerGoesTo(600);
    expect(scroll.stick).toBe(false);
    readerGoesTo(port.scrollHeight - port.clientHeight - 20);
    expect(scroll.stick).toBe(true);
    port.clientHeight = 120;
    scroll.resized();
    expect(fromBottom(port)).toBe(0);
  });

  it("at the end of a window that isn't the newest doesn't stick", () => {
    port.scrollTop = port.scrollHeight;
    scroll.scrolled(false);
    expect(scroll.stick).toBe(false);
  });

  it("goes to a row, and says when there is none", () => {
    expect(scroll.toRow("110")).toBe(true);
    expect(port.at("110")).toBe(40);
    expect(scroll.stick).toBe(false);
    expect(scroll.toRow("999")).toBe(false);
  });

  it("is nowhere without an element", () => {
    const bare = new ScrollManager();
    bare.restore(bare.hold());
    expect(bare.lastSeen()).toBe(0);
    expect(bare.toRow("1")).toBe(false);
  });
});

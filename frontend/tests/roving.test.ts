import { describe, expect, it } from "vitest";
import { Layout } from "../src/ui/room/timeline/layout";
import { destination, moveOf, nearest } from "../src/ui/room/timeline/moves";
import type { Move } from "../src/ui/room/timeline/moves";
import type { Row } from "../src/ui/room/timeline/rows";
import { message } from "./support/page";
import { ADA } from "./support/wire";

const said = (seq: number): Row => ({
  kind: "message",
  key: String(seq),
  source: message("r", seq),
  sender: ADA,
  first: false,
});
const ROWS: Row[] = [
  { kind: "start", key: "start" },
  { kind: "day", key: "day:1", at: 0 },
  said(1),
  said(2),
  { kind: "divider", key: "divider" },
  said(3),
  ...Array.from({ length: 20 }, (_, i) => said(4 + i)),
];
const layout = new Layout<Row>(() => 20);
layout.setRows(ROWS);
const go = (from: string, move: Move, page = 100) =>
  destination(layout, layout.indexOf(from) ?? -1, move, page);

describe("from message to message", () => {
  it.each<[string, Move, string | null]>([
    ["2", "down", "3"],
    ["3", "up", "2"],
    ["1", "up", null],
    ["23", "down", null],
    ["10", "first", "1"],
    ["10", "last", "23"],
    ["10", "page-up", "5"],
    ["10", "page-down", "15"],
    ["3", "page-up", "1"],
    ["21", "page-down", "23"],
  ])("from %s %s is %s", (from, move, to) => expect(go(from, move)).toBe(to));

  it("by page goes on, also over a message that is higher than one", () => {
    expect(go("10", "page-up", 5)).toBe("9");
    expect(go("10", "page-down", 5)).toBe("11");
  });

  it("is nowhere in an empty room", () => {
    const bare = new Layout<Row>(() => 20);
    bare.setRows([{ kind: "start", key: "start" }]);
    for (const move of ["up", "down", "first", "last", "page-up", "page-down"] as const) {
      expect(destination(bare, 0, move, 100)).toBeNull();
    }
    expect(nearest(bare, 5, -1)).toBeNull();
  });

  it("leads by keys without a modifier only: others belong to the page and the browser", () => {
    const key = (more: object) =>
      moveOf({
        ctrlKey: false,
        metaKey: false,
        altKey: false,
        shiftKey: false,
        ...more,
      } as KeyboardEvent);
    expect(key({ key: "ArrowUp" })).toBe("up");
    expect(key({ key: "End" })).toBe("last");
    expect(key({ key: "j" })).toBeNull();
    expect(key({ key: "toString" })).toBeNull();
    for (const held of ["ctrlKey", "metaKey", "altKey", "shiftKey"]) {
      expect(key({ key: "ArrowUp", [held]: true })).toBeNull();
    }
  });
});

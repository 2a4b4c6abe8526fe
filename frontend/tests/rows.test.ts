import { describe, expect, it } from "vitest";
import type { LogEntry } from "../src/protocol/frames";
import type { PendingMessage } from "../src/store/outbox";
import { days, buildRows, GROUP_MS, RowsBuilder } from "../src/ui/room/timeline/rows";
import { Divider } from "../src/ui/context/room-views";
import type { Row, RowsInput } from "../src/ui/room/timeline/rows";
import { message, messages } from "./support/page";
import { forSeeds, pick } from "./support/random";
import { ADA, ME } from "./support/wire";

/** Local days as a page in that time zone sees them. */
const daysIn = (timeZone: string) => {
  const day = new Intl.DateTimeFormat("en-CA", { timeZone });
  return (at: number) => day.format(at);
};

const at = (iso: string) => Date.parse(iso);
const said = (seq: number, iso: string, sender = ADA): LogEntry =>
  message("r", seq, { at: at(iso), sender });

const rowsOf = (entries: readonly LogEntry[], more: Partial<RowsInput> = {}): readonly Row[] =>
  buildRows({
    entries,
    outgoing: [],
    me: ME,
    dividerAfter: null,
    from: entries[0]?.seq ?? 1,
    reachedStart: false,
    dayOf: daysIn("Asia/Seoul"),
    ...more,
  });

/** "A" begins a group, "a" goes on; days in brackets. */
const sketch = (rows: readonly Row[]) =>
  rows
    .map((row) => {
      if (row.kind === "day") return `[${row.key.slice(4)}]`;
      if (row.kind !== "message") return row.kind;
      return row.first ? row.sender.name.toUpperCase() : "·";
    })
    .join(" ");

describe("grouping", () => {
  it("by author", () => {
    const rows = rowsOf([
      said(1, "2025-11-23T01:00:00Z"),
      said(2, "2025-11-23T01:00:01Z"),
      said(3, "2025-11-23T01:00:02Z", ME),
      said(4, "2025-11-23T01:00:03Z"),
    ]);
    expect(sketch(rows)).toBe("[2025-11-23] ADA · 민지 ADA");
  });

  it("a new name begins anew, though the person is the same", () => {
    const rows = rowsOf([
      said(1, "2025-11-23T01:00:00Z"),
      said(2, "2025-11-23T01:00:01Z", { ...ADA, name: "Lovelace" }),
    ]);
    expect(sketch(rows)).toBe("[2025-11-23] ADA LOVELACE");
  });

  it("within five minutes of the last one, however long the talk", () => {
    const start = at("2025-11-23T01:00:00Z");
    const times = [0, GROUP_MS - 1, 2 * (GROUP_MS - 1), 2 * (GROUP_MS - 1) + GROUP_MS];
    const rows = rowsOf(times.map((ms, i) => message("r", i + 1, { at: start + ms })));
    expect(sketch(rows)).toBe("[2025-11-23] ADA · · ADA");
  });

  it("never over midnight, in the reader's time zone", () => {
    const entries = [
      said(1, "2025-11-22T14:59:59Z"),
      said(2, "2025-11-22T15:00:00Z"),
      said(3, "2025-11-23T00:00:00Z"),
    ];
    expect(sketch(rowsOf(entries))).toBe("[2025-11-22] ADA [2025-11-23] ADA ADA");
    const utc = rowsOf(entries, { dayOf: daysIn("UTC") });
    expect(sketch(utc)).toBe("[2025-11-22] ADA · [2025-11-23] ADA");
    const honolulu = rowsOf(entries, { dayOf: daysIn("Pacific/Honolulu") });
    expect(sketch(honolulu)).toBe("[2025-11-22] ADA · ADA");
  });

  it("a clock that went back makes no second yesterday", () => {
    const rows = rowsOf([
      said(1, "2025-11-22T14:59:00Z"),
      said(2, "2025-11-22T15:00:10Z"),
      said(3, "2025-11-22T14:59:59Z"),
      said(4, "2025-11-22T15:00:20Z"),
    ]);
    expect(sketch(rows)).toBe("[2025-11-22] ADA [2025-11-23] ADA · ·");
    expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
  });

  it("what this client can't show leaves no trace", () => {
    const rows = rowsOf([
      said(1, "2025-11-23T01:00:00Z"),
      { kind: "opaque", of: "topic", room: "r", seq: 2 },
      said(3, "2025-11-23T01:00:01Z"),
    ]);
    expect(sketch(rows)).toBe("[2025-11-23] ADA ·");
  });

  it("the beginning of the room stands above everything", () => {
    const rows = rowsOf([said(1, "2025-11-23T01:00:00Z")], { reachedStart: true });
    expect(sketch(rows)).toBe("start [2025-11-23] ADA");
  });

  it("of a room in which nothing was said, nothing is shown as its beginning", () => {
    const builder = new RowsBuilder();
    const input: RowsInput = {
      entries: [],
      outgoing: [],
      me: ME,
      dividerAfter: null,
      from: 1,
      reachedStart: true,
      dayOf: daysIn("Asia/Seoul"),
    };
    expect(builder.build(input)).toEqual([]);
    const entries = [said(1, "2025-11-23T01:00:00Z")];
    expect(sketch(builder.build({ ...input, entries }))).toBe("start [2025-11-23] ADA");
  });
});

describe("what became of messages and of the room", () => {
  const place = (seq: number) => ({
    room: "r",
    seq,
    id: `r-${seq}`,
    sender: ADA,
    at: message("r", seq).at,
  });
  const kinds = (entries: readonly LogEntry[]) =>
    rowsOf(entries).map((row) => ("first" in row ? `${row.kind}:${row.first}` : row.kind));

  it("a deleted message keeps its place, and its group", () => {
    const gone: LogEntry = { kind: "tombstone", ...place(2), deleted_at: 9, changed: 9 };
    expect(kinds([message("r", 1), gone, message("r", 3)])).toEqual([
      "day",
      "message:true",
      "gone:false",
      "message:false",
    ]);
  });

  it("a topic and a pin are a line of their own, what comes after begins anew", () => {
    const topic: LogEntry = { kind: "topic", ...place(2), topic: "t", description: "" };
    const pin: LogEntry = { kind: "pin", ...place(3), target: 1, on: true };
    expect(kinds([message("r", 1), topic, pin, message("r", 4)])).toEqual([
      "day",
      "message:true",
      "note",
      "note",
      "message:true",
    ]);
  });

  it("changes show in the message alone, and so does what is unpinned", () => {
    const target = 1;
    const changes: LogEntry[] = [
      { kind: "edit", ...place(2), target, body: "x" },
      { kind: "reaction", ...place(3), target, emoji: "👍", on: true },
      { kind: "delete", ...place(4), target },
      { kind: "pin", ...place(5), target, on: false },
    ];
    expect(kinds([message("r", 1), ...changes, message("r", 6)])).toEqual([
      "day",
      "message:true",
      "message:false",
    ]);
  });
});

describe("mine that the log doesn't show yet", () => {
  const mine: PendingMessage = {
    kind: "message",
    id: "out-1",
    room: "r",
    roomKey: "r",
    body: "hi",
    at: at("2025-11-23T01:00:02Z"),
    delivery: { is: "pending" },
  };

  it("stands at the end, grouped with what I said before", () => {
    const rows = rowsOf([said(1, "2025-11-23T01:00:00Z", ME)], { outgoing: [mine] });
    expect(sketch(rows)).toBe("[2025-11-23] 민지 ·");
  });

  it("is shown once, and keeps its row when the log has it", () => {
    const confirmed = message("r", 1, { id: mine.id, at: mine.at + 300, sender: ME });
    const before = rowsOf([], { outgoing: [mine] });
    const between = rowsOf([confirmed], { outgoing: [mine] });
    expect(between.map((row) => row.key)).toEqual(before.map((row) => row.key));
    expect(between.filter((row) => row.kind === "message").length).toBe(1);
  });
});

describe("the line above what is new", () => {
  it("stands between the last read and the first new, and begins a group", () => {
    const rows = rowsOf(messages("r", 1, 4), { dividerAfter: 2 });
    expect(rows.map((row) => (row.kind === "message" ? row.key : row.kind))).toEqual([
      "day",
      "r-1",
      "r-2",
      "divider",
      "r-3",
      "r-4",
    ]);
    expect(sketch(rows)).toMatch(/ADA · divider ADA ·$/);
  });

  it("comes below the date when a day begins with it", () => {
    const rows = rowsOf([said(1, "2025-11-22T01:00:00Z"), said(2, "2025-11-23T01:00:00Z")], {
      dividerAfter: 1,
    });
    expect(sketch(rows)).toBe("[2025-11-22] ADA [2025-11-23] divider ADA");
  });

  it("isn't drawn when the last read isn't on screen, or nothing is new", () => {
    expect(sketch(rowsOf(messages("r", 5, 6), { dividerAfter: 2 }))).not.toContain("divider");
    expect(sketch(rowsOf(messages("r", 1, 2), { dividerAfter: 2 }))).not.toContain("divider");
    // What was read has no rows of its own.
    expect(sketch(rowsOf(messages("r", 5, 6), { dividerAfter: 2, from: 2 }))).toContain("divider");
  });

  it("appears with what comes while nobody looks, stays while it is read, goes by an answer", () => {
    const divider = new Divider();
    divider.update(5, 1, true);
    expect(divider.after).toBeNull();
    divider.update(5, 1, false);
    expect(divider.after).toBe(5);
    divider.update(7, 1, false);
    divider.update(8, 0, true);
    expect(divider.after).toBe(5);
    divider.clear();
    expect(divider.after).toBeNull();
  });
});

describe("rows that are built again and again", () => {
  it("are the same rows for the same input", () => {
    const builder = new RowsBuilder();
    const input: RowsInput = {
      entries: messages("r", 1, 3),
      outgoing: [],
      me: ME,
      dividerAfter: null,
      from: 1,
      reachedStart: true,
      dayOf: daysIn("Asia/Seoul"),
    };
    const rows = builder.build(input);
    expect(builder.build({ ...input })).toBe(rows);
    for (const other of [{ outgoing: [] }, { me: ADA }, { dividerAfter: 2 }, { entries: [] }]) {
      expect(builder.build({ ...input, ...other })).not.toBe(rows);
    }
  });

  it("are those that were built at once, whatever changed in between", () => {
    forSeeds(60, (random) => {
      const builder = new RowsBuilder();
      const dayOf = daysIn("Asia/Seoul");
      let entries: LogEntry[] = [];
      let dividerAfter: number | null = null;
      let at = Date.parse("2025-11-23T14:00:00Z");
      const next = (seq: number): LogEntry => {
        at += Math.floor(random() * 40 * 60_000);
        if (random() < 0.2) return { kind: "opaque", of: "topic", room: "r", seq };
        return message("r", seq, { at, sender: pick(random, [ADA, ME]) });
      };
      for (let step = 0; step < 40; step++) {
        const dice = Math.floor(random() * 6);
        const last = entries.at(-1)?.seq ?? 100;
        if (dice < 3) entries = [...entries, next(last + 1)];
        else if (dice === 3) entries = entries.slice(Math.floor(random() * 3));
        else if (dice === 4) dividerAfter = random() < 0.5 ? null : last - 2;
        else {
          // One was edited.
          const at = Math.floor(random() * entries.length);
          entries = entries.map((entry, i) =>
            i === at && entry.kind === "message" ? { ...entry, body: "edited" } : entry,
          );
        }
        const known = entries.at(-1);
        const outgoing = [
          {
            kind: "message",
            id: "out",
            room: "r",
            roomKey: "r",
            body: "hi",
            at,
            delivery: { is: "pending" },
          },
          {
            kind: "message",
            id: known?.kind === "message" ? known.id : "x",
            room: "r",
            roomKey: "r",
            body: "",
            at,
            delivery: { is: "pending" },
          },
        ] satisfies PendingMessage[];
        const input = {
          entries,
          outgoing: random() < 0.5 ? [] : outgoing,
          me: ME,
          dividerAfter,
          from: 1,
          reachedStart: false,
          dayOf,
        };
        expect(builder.build(input)).toEqual(buildRows(input));
      }
    });
  });

  it("keep the rows that were there: nothing is drawn anew for what was appended", () => {
    const builder = new RowsBuilder();
    const dayOf = daysIn("Asia/Seoul");
    const input = { outgoing: [], me: ME, dividerAfter: null, from: 1, reachedStart: true, dayOf };
    const entries = messages("r", 1, 5);
    const before = builder.build({ ...input, entries });
    const after = builder.build({ ...input, entries: [...entries, message("r", 6)] });
    expect(after.slice(0, before.length).every((row, i) => row === before[i])).toBe(true);
  });
});

describe("local days", () => {
  it("are named as the clock on the wall has them, in whatever order they are asked for", () => {
    const name = days();
    forSeeds(20, (random) => {
      for (let i = 0; i < 50; i++) {
        const at = Date.parse("2025-01-01T00:00:00Z") + Math.floor(random() * 400 * 86_400_000);
        for (const near of [at, at + 1, at + 3_600_000]) {
          expect(name(near)).toBe(new Date(near).toDateString());
        }
      }
    });
  });
});

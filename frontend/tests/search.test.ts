import { describe, expect, it } from "vitest";
import type { Outcome } from "../src/connection/requests";
import type { Server } from "../src/protocol/frames";
import type { Hit, Run } from "../src/protocol/generated";
import { plainRuns } from "../src/ui/features/search/plain-runs";
import { searchMessages } from "../src/sync/queries";
import type { SearchQuery } from "../src/sync/queries";
import { MOST_HITS, PAUSE_MS, Search, SYLLABLE_MS } from "../src/sync/search";
import { shortDate } from "../src/ui/features/search/result";
import { ManualClock } from "./support/clock";
import { message, Page } from "./support/page";

const hit = (room: string, seq: number): Hit => ({
  message: message(room, seq),
  excerpt: [{ text: "회의", hit: true }],
});
const hits = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => hit("마루", from + i));

class Desk {
  readonly clock = new ManualClock();
  readonly asked: { what: SearchQuery; done: (outcome: Outcome<Server<"results">>) => void }[] = [];
  readonly search = new Search((what, done) => void this.asked.push({ what, done }), this.clock);

  /** Types it, and waits until it is looked for. */
  look(text: string): void {
    this.search.type(text, null);
    this.clock.advance(PAUSE_MS);
  }

  answer(index: number, found: readonly Hit[], more?: string): void {
    const frame: Server<"results"> = { type: "results", ref: 1, hits: [...found] };
    if (more !== undefined) frame.more = more;
    this.asked[index]?.done({ ok: true, frame });
  }

  refuse(index: number): void {
    const failure = { code: "overloaded", message: "", retryAfter: 1, retryable: true } as const;
    this.asked[index]?.done({ ok: false, failure });
  }

  get queries(): string[] {
    return this.asked.map(({ what }) => what.query);
  }

  seqs(): number[] {
    const found = this.search.found.value;
    return found.is === "found" ? found.hits.map(({ message: { seq } }) => seq) : [];
  }
}

describe("a search", () => {
  it("waits for a pause in the typing, and asks once", () => {
    const desk = new Desk();
    for (const text of ["mo", "mot", "moth"]) {
      desk.search.type(text, null);
      desk.clock.advance(PAUSE_MS - 1);
    }
    expect(desk.queries).toEqual([]);
    desk.clock.advance(1);
    expect(desk.queries).toEqual(["moth"]);
    expect(desk.search.found.value.is).toBe("searching");
    desk.answer(0, hits(1, 2));
    expect(desk.seqs()).toEqual([1, 2]);
  });

  it("takes a Hangul syllable for written when the typing pauses, anything else when it is", () => {
    const desk = new Desk();
    desk.search.type("회", "회");
    desk.clock.advance(100);
    desk.search.type("회의", "의");
    desk.clock.advance(SYLLABLE_MS - 1);
    expect(desk.queries).toEqual([]);
    desk.clock.advance(1);
    expect(desk.queries).toEqual(["회의"]);
    desk.search.type("회の", "の");
    desk.search.type("会议", "hui'yi");
    desk.clock.advance(10_000);
    expect(desk.queries).toEqual(["회의"]);
    desk.search.type("会议", null);
    desk.clock.advance(PAUSE_MS);
    expect(desk.queries).toEqual(["회의", "会议"]);
  });

  it("says why it asks nothing", () => {
    const desk = new Desk();
    for (const [text, is] of [
      ["", "nothing"],
      ["   ", "nothing"],
      ["a", "short"],
      ["ㅎ", "short"],
      ["x".repeat(101), "long"],
    ] as const) {
      desk.look(text);
      expect([text, desk.search.found.value.is]).toEqual([text, is]);
    }
    expect(desk.asked).toEqual([]);
    for (const text of ["나", "会", "🎉", "ok", "😀".repeat(100)]) desk.look(text);
    expect(desk.asked).toHaveLength(5);
  });

  it("shows the answer to the latest query, whatever is answered first", () => {
    const desk = new Desk();
    desk.look("moth");
    desk.look("mothers");
    desk.answer(1, hits(7, 7));
    desk.answer(0, hits(1, 3));
    expect(desk.seqs()).toEqual([7]);
    desk.look("moths");
    desk.look("");
    desk.answer(2, hits(1, 3));
    expect(desk.search.found.value.is).toBe("nothing");
  });

  it("keeps what was found until there is something else", () => {
    const desk = new Desk();
    desk.look("moth");
    desk.answer(0, hits(1, 2));
    desk.look("mothers");
    expect(desk.search.found.value).toMatchObject({ is: "found", asking: true });
    expect(desk.seqs()).toEqual([1, 2]);
    desk.answer(1, []);
    expect(desk.seqs()).toEqual([]);
  });

  it("doesn't ask twice for the same, also on Enter", () => {
    const desk = new Desk();
    desk.search.type("moth", null);
    desk.search.now();
    desk.clock.advance(PAUSE_MS);
    desk.look(" moth ");
    expect(desk.asked).toHaveLength(1);
    expect(desk.clock.timers).toBe(0);
  });

  it("goes on where the last answer ended, one page at a time", () => {
    const desk = new Desk();
    desk.look("moth");
    desk.answer(0, hits(1, 20), "more-1");
    desk.search.further();
    desk.search.further();
    expect(desk.asked.map(({ what }) => what)).toEqual([
      { query: "moth" },
      { query: "moth", more: "more-1" },
    ]);
    // A message that moved up since is not there twice.
    desk.answer(1, hits(20, 25));
    expect(desk.seqs()).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    desk.search.further();
    expect(desk.asked).toHaveLength(2);
  });

  it("keeps what it has when a page doesn't come, and can ask again", () => {
    const desk = new Desk();
    desk.look("moth");
    desk.answer(0, hits(1, 20), "more-1");
    desk.search.further();
    desk.refuse(1);
    expect(desk.search.found.value).toMatchObject({
      more: "more-1",
      failure: { code: "overloaded" },
    });
    desk.search.further();
    desk.answer(2, hits(21, 22));
    expect(desk.seqs()).toHaveLength(22);
  });

  it("passes over a page of another query", () => {
    const desk = new Desk();
    desk.look("moth");
    desk.answer(0, hits(1, 20), "more-1");
    desk.search.further();
    desk.look("bee");
    desk.answer(1, hits(21, 40));
    desk.answer(2, hits(3, 3));
    expect(desk.seqs()).toEqual([3]);
  });

  it("holds no more than anybody reads", () => {
    const desk = new Desk();
    desk.look("moth");
    for (let page = 0; page * 20 < MOST_HITS + 40; page++) {
      desk.answer(page, hits(page * 20 + 1, page * 20 + 20), `more-${page}`);
      desk.search.further();
    }
    expect(desk.seqs()).toHaveLength(MOST_HITS);
  });

  it("looks in the room or in all of them, and again when that changes", () => {
    const desk = new Desk();
    desk.search.in("마루");
    expect(desk.asked).toEqual([]);
    desk.look("회의");
    desk.search.in(null);
    desk.search.in(null);
    expect(desk.asked.map(({ what }) => what)).toEqual([
      { query: "회의", room: "마루" },
      { query: "회의" },
    ]);
  });

  it("tells of a failure, and tries again", () => {
    const desk = new Desk();
    desk.look("moth");
    desk.refuse(0);
    expect(desk.search.found.value).toMatchObject({ is: "failed" });
    desk.search.now();
    desk.answer(1, hits(1, 1));
    expect(desk.seqs()).toEqual([1]);
  });

  it("asks the server in its words", () => {
    const page = Page.greeted();
    const seen: unknown[] = [];
    searchMessages(page.client, { query: "회의", room: "마루", more: "c" }, (outcome) =>
      seen.push(outcome),
    );
    const { ref, ...asked } = page.peer.next("search");
    expect(asked).toEqual({ type: "search", query: "회의", room: "마루", more: "c" });
    page.say({ type: "results", ref, hits: [hit("마루", 1)] });
    expect(seen).toMatchObject([{ ok: true, frame: { hits: [{ message: { seq: 1 } }] } }]);
  });
});

describe("when something was said", () => {
  it.each([
    [new Date(2025, 10, 23, 9, 5), "9:05 AM"],
    [new Date(2025, 2, 1), "Mar 1"],
    [new Date(2024, 11, 31), "Dec 31, 2024"],
  ])("%s is %s", (at, text) => {
    const now = new Date(2025, 10, 23, 12).getTime();
    expect(shortDate(at.getTime(), now, "en").replace(/\s/g, " ")).toBe(text);
  });
});

describe("what was found", () => {
  it.each<[readonly Run[], readonly Run[]]>([
    [
      [{ text: "**굵은 " }, { text: "회의", hit: true }, { text: "**입니다 `a*b`" }],
      [{ text: "굵은 " }, { text: "회의", hit: true }, { text: "입니다 a*b" }],
    ],
    [
      [{ text: "**bold", hit: true }, { text: "** x" }],
      [{ text: "bold", hit: true }, { text: " x" }],
    ],
    [
      [{ text: "2 * " }, { text: "3", hit: true }, { text: " * 4" }],
      [{ text: "2 * " }, { text: "3", hit: true }, { text: " * 4" }],
    ],
  ])("is shown without its markup: %j", (runs, plain) => expect(plainRuns(runs)).toEqual(plain));

  it("is shown as it was written where it is in the markup itself", () => {
    const runs = [{ text: "[docs](https://" }, { text: "maru", hit: true }, { text: ".org) here" }];
    expect(plainRuns(runs)).toEqual(runs);
  });
});

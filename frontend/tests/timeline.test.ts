import { beforeEach, describe, expect, it } from "vitest";
import type { LogEntry } from "../src/protocol/frames";
import { Timeline } from "../src/store/timeline";
import { message, messages, part, seqs } from "./support/page";
import { forSeeds } from "./support/random";
import { EPOCH, OTHER_EPOCH } from "./support/wire";

/** A bound that tests reach soon. */
const MOST = 300;
let line: Timeline;
const held = () => seqs(line.entries.value);
const range = (from: number, to: number) => seqs(messages("r", from, to));
const reset = (from: number, to: number, head = to) =>
  line.reset(EPOCH, head, part(messages("r", from, to), head));

beforeEach(() => {
  line = new Timeline(MOST);
});

describe("a timeline", () => {
  it("has no position before the first join, then the highest seq heard", () => {
    expect(line.position()).toBeNull();
    expect(line.loaded.value).toBe(false);
    reset(1, 3);
    expect(line.position()).toEqual({ epoch: EPOCH, seq: 3 });
    line.append(message("r", 4));
    expect(line.position()).toEqual({ epoch: EPOCH, seq: 4 });
  });

  it("appends what is next, once", () => {
    reset(1, 3);
    expect(line.append(message("r", 4))).toBe("appended");
    expect(line.append(message("r", 4))).toBe("duplicate");
    expect(line.append(message("r", 2))).toBe("duplicate");
    expect(held()).toEqual([1, 2, 3, 4]);
  });

  it("says so when entries are missing, and takes nothing behind the hole", () => {
    reset(1, 3);
    expect(line.append(message("r", 5))).toBe("gap");
    expect(held()).toEqual([1, 2, 3]);
    expect(line.position()?.seq).toBe(3);
    expect(line.append(message("r", 4))).toBe("appended");
    expect(line.append(message("r", 5))).toBe("appended");
  });

  it("an entry of an unknown kind holds its place", () => {
    reset(1, 1);
    expect(line.append({ kind: "opaque", of: "topic", room: "r", seq: 2 })).toBe("appended");
    expect(line.append(message("r", 3))).toBe("appended");
    expect(held()).toEqual([1, 3]);
    expect([line.oldest, line.newest]).toEqual([1, 3]);
  });

  describe("replay", () => {
    it("appends exactly what was missed", () => {
      reset(1, 3);
      expect(line.replay(part(messages("r", 4, 6), 6), 6)).toBe("ok");
      expect(held()).toEqual([1, 2, 3, 4, 5, 6]);
      expect(line.head.value).toBe(6);
    });

    it("of nothing changes nothing", () => {
      reset(1, 3);
      const before = line.entries.value;
      expect(line.replay(part([], 3), 3)).toBe("ok");
      expect(line.entries.value).toBe(before);
    });

    it("passes over what is held already", () => {
      reset(1, 3);
      expect(line.replay(part(messages("r", 2, 5), 5), 5)).toBe("ok");
      expect(held()).toEqual([1, 2, 3, 4, 5]);
    });

    it.each([
      ["begins behind a hole", messages("r", 5, 6), 6],
      ["has a hole", [message("r", 4), message("r", 6)], 6],
      ["ends below the head", messages("r", 4, 5), 6],
      ["is empty below the head", [], 6],
      ["is out of order", [message("r", 5), message("r", 4)], 5],
    ])("that %s is refused as a whole", (_what, entries: LogEntry[], head: number) => {
      reset(1, 3);
      expect(line.replay(part(entries, head), head)).toBe("gap");
      expect(held()).toEqual([1, 2, 3]);
      expect(line.position()?.seq).toBe(3);
    });

    it("of a whole page budget stays at the newest", () => {
      reset(1, 300);
      expect(line.replay(part(messages("r", 301, 800), 800), 800)).toBe("ok");
      line.trimOldest();
      expect(line.atHead.value).toBe(true);
      expect(held()).toEqual(range(501, 800));
    });

    it("counts but doesn't hold while the window is elsewhere", () => {
      reset(301, 600);
      line.prepend(part(messages("r", 251, 300)));
      expect(line.atHead.value).toBe(false);
      expect(line.replay(part(messages("r", 601, 603), 603), 603)).toBe("ok");
      expect(line.head.value).toBe(603);
      expect(line.newest).toBe(550);
    });
  });

  describe("reset", () => {
    it("replaces everything, also the epoch and a head that went back", () => {
      reset(1, 30);
      line.reset(OTHER_EPOCH, 12, part(messages("r", 8, 12), 12));
      expect(held()).toEqual([8, 9, 10, 11, 12]);
      expect(line.position()).toEqual({ epoch: OTHER_EPOCH, seq: 12 });
      expect(line.atHead.value).toBe(true);
    });

    it("to an empty room", () => {
      reset(1, 30);
      line.reset(OTHER_EPOCH, 0, part([], 0));
      expect(held()).toEqual([]);
      expect(line.reachedStart).toBe(true);
      expect(line.append(message("r", 1))).toBe("appended");
    });

    it("keeps the newest run when the page has a hole", () => {
      line.reset(
        EPOCH,
        6,
        part([message("r", 1), message("r", 2), message("r", 5), message("r", 6)], 6),
      );
      expect(held()).toEqual([5, 6]);
      line.prepend(part(messages("r", 1, 4)));
      expect(held()).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it("to a page that ends below the head isn't at the head", () => {
      reset(1, 4, 6);
      expect(line.atHead.value).toBe(false);
      expect(line.append(message("r", 7))).toBe("noted");
      line.extend(part(messages("r", 5, 7)));
      expect(held()).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(line.atHead.value).toBe(true);
    });
  });

  describe("history", () => {
    it("is put in front", () => {
      reset(11, 20);
      line.prepend(part(messages("r", 6, 10)));
      expect(held()).toEqual(range(6, 20));
    });

    it("that overlaps adds what is older only", () => {
      reset(11, 20);
      line.prepend(part(messages("r", 6, 14)));
      expect(held()).toEqual(range(6, 20));
    });

    it.each([
      ["doesn't adjoin", messages("r", 3, 8)],
      ["is newer", messages("r", 12, 15)],
      ["is empty", []],
    ])("that %s is ignored", (_what, page: LogEntry[]) => {
      reset(11, 20);
      line.prepend(part(page));
      expect(held()).toEqual(range(11, 20));
    });

    it("marks the start when the first entry is held", () => {
      expect(line.reachedStart).toBe(false);
      reset(3, 9);
      expect(line.reachedStart).toBe(false);
      line.prepend(part(messages("r", 1, 2)));
      expect(line.reachedStart).toBe(true);
    });

    it("lets the newest go rather than grow, and pages back down to them", () => {
      reset(501, 600);
      for (let oldest = 501; oldest > 1; oldest -= 50) {
        line.prepend(part(messages("r", oldest - 50, oldest - 1)));
        expect(line.entries.value.length).toBeLessThanOrEqual(MOST);
      }
      expect(held()).toEqual(range(1, 300));
      expect(line.atHead.value).toBe(false);
      expect(line.append(message("r", 601))).toBe("noted");
      for (let i = 0; i < 7 && !line.atHead.value; i++) {
        line.extend(part(messages("r", line.newest + 1, Math.min(line.newest + 50, 601))));
      }
      expect(line.atHead.value).toBe(true);
      expect(held()).toEqual(range(302, 601));
    });

    it("a page on the way down that doesn't adjoin is ignored", () => {
      reset(1, 4, 20);
      line.extend(part(messages("r", 9, 12)));
      expect(held()).toEqual([1, 2, 3, 4]);
      expect(line.atHead.value).toBe(false);
    });

    it("the newest page replaces the window", () => {
      reset(1, 100, 900);
      line.show(part(messages("r", 801, 900)));
      expect(held()).toEqual(range(801, 900));
      expect(line.atHead.value).toBe(true);
    });

    it("a newest page that came late is completed, not taken for the end", () => {
      reset(1, 100, 900);
      expect(line.append(message("r", 901))).toBe("noted");
      line.show(part(messages("r", 801, 900)));
      expect(line.atHead.value).toBe(false);
      line.extend(part(messages("r", 901, 901)));
      expect(line.atHead.value).toBe(true);
    });
  });

  describe("pages by messages", () => {
    const by = (seqsOf: number[], from: number, to: number) => ({
      entries: seqsOf.map((seq) => message("r", seq)),
      covers: { from, to },
    });

    it("adjoin by what they speak of", () => {
      line.reset(EPOCH, 900, by([700, 900], 651, 900));
      expect([line.oldest, line.newest, line.atHead.value]).toEqual([651, 900, true]);
      line.prepend(by([10, 649], 10, 650));
      expect(held()).toEqual([10, 649, 700, 900]);
      line.prepend(by([1], 1, 8));
      expect(line.oldest).toBe(10);
      line.prepend(by([], 1, 9));
      expect(line.reachedStart).toBe(true);
    });

    it("go on downwards from what they speak of", () => {
      line.reset(EPOCH, 900, by([5], 1, 300));
      expect(line.atHead.value).toBe(false);
      line.extend(by([800], 400, 900));
      expect(line.newest).toBe(300);
      line.extend(by([350], 301, 700));
      line.extend(by([], 701, 900));
      expect([held(), line.atHead.value]).toEqual([[5, 350], true]);
    });

    it("are known where the far end is let go", () => {
      line.reset(EPOCH, 900, by([850], 801, 900));
      const many = Array.from({ length: MOST + 20 }, (_, n) => 2 * n + 2);
      line.prepend(by(many, 1, 800));
      expect(held().length).toBe(MOST);
      expect(line.newest).toBe(2 * MOST + 1);
      line.extend(by([], line.newest + 1, 900));
      expect(line.oldest).toBe(1);
    });

    it("resume with what was left out in the messages", () => {
      line.reset(EPOCH, 3, part(messages("r", 1, 3)));
      const updated = [message("r", 2, { body: "edited", changed: 600 })];
      const missed = { ...by([601], 4, 700), updated };
      expect(line.replay(missed, 700)).toBe("ok");
      expect(held()).toEqual([1, 2, 3, 601]);
      expect(line.find(2)).toMatchObject({ body: "edited" });
      expect(line.position()?.seq).toBe(700);
      expect(line.append(message("r", 701))).toBe("appended");
      // What was read before can't be brought up to date.
      expect([line.knowsSince(699), line.knowsSince(700)]).toEqual([false, true]);
    });

    it("that don't reach the head, or begin behind a hole, are no resume", () => {
      line.reset(EPOCH, 3, part(messages("r", 1, 3)));
      expect(line.replay(by([9], 5, 9), 9)).toBe("gap");
      expect(line.replay(by([9], 4, 8), 9)).toBe("gap");
      expect(held()).toEqual([1, 2, 3]);
    });
  });

  describe("is bounded", () => {
    it("at the newest by trimming the oldest", () => {
      reset(1, 100);
      for (let seq = 101; seq <= 1_000; seq++) {
        line.append(message("r", seq));
        line.trimOldest();
        expect(held().length).toBeLessThanOrEqual(MOST * 1.1);
      }
      expect(held()).toEqual(range(line.oldest, 1_000));
      expect(held().length).toBeGreaterThanOrEqual(MOST);
    });

    it("by what is shown: whatever happens to messages pushes none of them out", () => {
      reset(1, 10);
      for (let seq = 11; seq <= 2_000; seq++) {
        line.append({ kind: "opaque", of: "reaction", room: "r", seq });
        line.trimOldest();
      }
      expect(held()).toEqual(range(1, 10));
      expect([line.oldest, line.newest, line.atHead.value]).toEqual([1, 2_000, true]);
    });

    it("by less when a room is left alone", () => {
      reset(1, 300);
      line.trimOldest(100);
      expect(held()).toEqual(range(201, 300));
    });

    it("while somebody reads older ones, by letting the newest wait", () => {
      reset(1, 100);
      for (let seq = 101; seq <= 2_000; seq++) line.append(message("r", seq));
      expect(line.entries.value.length).toBe(2 * MOST);
      expect(line.head.value).toBe(2_000);
      expect(line.atHead.value).toBe(false);
      expect(held()).toEqual(range(1, 600));
    });

    it("over many reconnects while somebody reads older ones", () => {
      reset(1, 100);
      for (let head = 100; head < 5_100; head += 500) {
        line.replay(part(messages("r", head + 1, head + 500), head + 500), head + 500);
      }
      expect(line.entries.value.length).toBeLessThanOrEqual(2 * MOST + 500);
    });
  });

  it("never holds a hole, a duplicate or disorder, whatever comes", () => {
    forSeeds(100, (random) => {
      line = new Timeline(MOST);
      let server = 5 + Math.floor(random() * 700);
      const page = (from: number, to: number) =>
        messages("r", Math.max(1, from), Math.min(to, server));
      line.reset(EPOCH, server, part(page(server - 99, server), server));
      for (let step = 0; step < 80; step++) {
        const dice = Math.floor(random() * 9);
        if (dice === 0) line.append(message("r", ++server));
        else if (dice === 1) line.append(message("r", 1 + Math.floor(random() * (server + 3))));
        else if (dice === 2) line.prepend(part(page(line.oldest - 50, line.oldest - 1)));
        else if (dice === 3) line.extend(part(page(line.newest + 1, line.newest + 50)));
        else if (dice === 4) line.trimOldest();
        else if (dice === 5) line.show(part(page(server - 99, server)));
        else if (dice === 6) {
          const { seq } = line.position() ?? { seq: 0 };
          server = Math.max(server, seq) + Math.floor(random() * 300);
          line.replay(part(page(seq + 1, server), server), server);
        } else if (dice === 7) {
          const some = page(server - 20, server).filter(() => random() < 0.9);
          line.replay(part(some, server), server);
        } else
          line.prepend(part(page(line.oldest - 9, line.oldest + 9).filter(() => random() < 0.8)));
        server = Math.max(server, line.head.value);
        // By hand: a matcher over every array would take most of the whole run.
        const now = line.entries.value;
        const broken = now.findIndex((one, i) => one.seq !== (now[0]?.seq ?? 0) + i);
        expect(broken).toBe(-1);
        expect(line.head.value).toBeGreaterThanOrEqual(line.newest);
        // "At the newest" is never claimed while something newer was heard of.
        if (line.atHead.value) expect(line.newest).toBe(line.head.value);
      }
    });
  });
});

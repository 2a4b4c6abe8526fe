import { beforeEach, describe, expect, it } from "vitest";
import type { LogEntry } from "../src/protocol/frames";
import type { Room } from "../src/store/room";
import { BARREN } from "../src/sync/pager";
import type { MessageRef } from "../src/store/timeline";
import type { Located } from "../src/sync/pager";
import { message, messages, Page, part, seqs } from "./support/page";
import { EPOCH } from "./support/wire";

let page: Page;
let room: Room;
const held = () => seqs(room.timeline.entries.value);
const reactions = (from: number, to: number): Record<string, unknown>[] =>
  messages("lobby", from, to).map(({ seq }) => ({ kind: "of a later server", room: "lobby", seq }));

/** Answers the page that is asked for; what it was asked for. */
function answer(entries: readonly (LogEntry | Record<string, unknown>)[], head = 900) {
  const asked = page.peer.next("history");
  page.say({ type: "page", ref: asked.ref, room: "lobby", epoch: EPOCH, head, entries });
  return asked;
}

beforeEach(() => {
  page = Page.greeted();
  room = page.joined("lobby", 900);
  room.reader = "up";
});

describe("pages that show nothing", () => {
  it("are passed over on the way up, until a message comes", () => {
    page.client.pager.older(room);
    answer(reactions(751, 800));
    answer(reactions(701, 750));
    expect(answer(messages("lobby", 651, 700)).before).toBe(701);
    expect(page.peer.unread("history")).toEqual([]);
    expect(room.timeline.oldest).toBe(651);
  });

  it("are passed over on the way down", () => {
    room.timeline.show(part(messages("lobby", 301, 400)));
    page.client.pager.newer(room);
    answer(reactions(401, 450));
    expect(answer(messages("lobby", 451, 500)).after).toBe(450);
    expect(page.peer.unread("history")).toEqual([]);
  });

  it("are not asked for without end", () => {
    room = page.joined("busy", 5_000);
    page.client.pager.older(room);
    let asked = 0;
    for (; page.peer.unread("history").length > 0; asked++) {
      const { ref, before = 0 } = page.peer.next("history");
      const entries = reactions(before - 50, before - 1).map((one) => ({ ...one, room: "busy" }));
      page.say({ type: "page", ref, room: "busy", epoch: EPOCH, head: 5_000, entries });
    }
    expect(asked).toBe(BARREN);
    page.client.pager.older(room);
    expect(page.peer.unread("history").length).toBe(1);
  });

  it("end where the room begins", () => {
    room = page.joined("small", 120);
    page.client.pager.older(room);
    const { ref } = page.peer.next("history");
    const entries = reactions(1, 20).map((one) => ({ ...one, room: "small" }));
    page.say({ type: "page", ref, room: "small", epoch: EPOCH, head: 120, entries });
    expect(room.timeline.reachedStart).toBe(true);
    expect(page.peer.unread("history")).toEqual([]);
  });
});

describe("the place around a message", () => {
  let found: Located[];
  const seek = (which: MessageRef) =>
    page.client.pager.around(room, which, (what) => void found.push(what));

  beforeEach(() => {
    found = [];
  });

  it("is there at once when it is held", () => {
    seek(850);
    expect(found).toEqual(["held"]);
    expect(page.peer.unread("history")).toEqual([]);
  });

  it("is loaded with as much before as behind it", () => {
    seek(400);
    expect(found).toEqual([]);
    const asked = answer(messages("lobby", 375, 424));
    expect([asked.after, asked.before, asked.limit]).toEqual([374, undefined, 50]);
    expect(found).toEqual(["held"]);
    expect(held()).toEqual(seqs(messages("lobby", 375, 424)));
    expect(room.timeline.atHead.value).toBe(false);
  });

  it("is found by its id, also where its number is not known", () => {
    const [known] = messages("lobby", 850, 850);
    const [sought] = messages("lobby", 400, 400);
    seek(known?.id ?? "");
    expect(found).toEqual(["held"]);
    seek(sought?.id ?? "");
    const asked = answer(messages("lobby", 375, 424));
    expect([asked.around, asked.after, asked.limit]).toEqual([sought?.id, undefined, 50]);
    expect(found).toEqual(["held", "held"]);
    expect(held()).toEqual(seqs(messages("lobby", 375, 424)));
  });

  it("is nowhere when the server knows no such id", () => {
    seek("0199aa00-0000-7000-8000-000000000000");
    const { ref } = page.peer.next("history");
    const message = "there is no message of this id in the room";
    page.say({ type: "error", ref, code: "message_not_found", message });
    expect(found).toEqual(["nowhere"]);
    expect(room.timeline.oldest).toBe(801);
  });

  it("begins with the room", () => {
    seek(3);
    expect(answer(messages("lobby", 1, 50)).after).toBe(0);
    expect(found).toEqual(["held"]);
    expect(room.timeline.reachedStart).toBe(true);
  });

  it("is nowhere before the beginning and behind the end", () => {
    seek(0);
    seek(901);
    expect(found).toEqual(["nowhere", "nowhere"]);
    expect(page.peer.unread("history")).toEqual([]);
  });

  it("isn't lost while another page is on its way, and that one doesn't matter any more", () => {
    page.client.pager.older(room);
    seek(400);
    answer(messages("lobby", 751, 800));
    expect(room.timeline.oldest).toBe(801);
    answer(messages("lobby", 375, 424));
    expect(found).toEqual(["held"]);
  });

  it("gives way to the newest when the reader changed their mind", () => {
    room.timeline.show(part(messages("lobby", 301, 350)));
    seek(500);
    page.client.pager.newest(room);
    answer(messages("lobby", 475, 524));
    expect(answer(messages("lobby", 851, 900)).after).toBeUndefined();
    expect(room.timeline.atHead.value).toBe(true);
    expect(found).toEqual([]);
  });

  it("tells why it can't be had", () => {
    seek(400);
    page.refuse(page.peer.next("history").ref, "unavailable");
    seek(400);
    page.peer.drop();
    expect(found.map((what) => (typeof what === "object" ? what.code : what))).toEqual([
      "unavailable",
      "disconnected",
    ]);
  });
});

describe("what is held of a room", () => {
  it("is less when nobody looks at it", () => {
    room.reader = "away";
    for (let seq = 901; seq <= 4_000; seq++) page.entry(message("lobby", seq));
    expect(held().length).toBeLessThanOrEqual(1_100);
    expect(room.timeline.newest).toBe(4_000);
    room.reader = "newest";
    for (let seq = 4_001; seq <= 7_000; seq++) page.entry(message("lobby", seq));
    expect(held().length).toBeGreaterThan(3_000);
  });
});

import { createRoom } from "../src/sync/queries";
import { describe, expect, it } from "vitest";
import { memoryStorage } from "../src/store/storage";
import { message, messages, Page, part, seqs } from "./support/page";
import { ADA, EPOCH, ME, OTHER_EPOCH } from "./support/wire";

const held = (room: { timeline: { entries: { value: readonly { seq: number }[] } } }) =>
  room.timeline.entries.value.map((entry) => entry.seq);

describe("after a disconnect", () => {
  it("a room resumes from what it heard last, and appends what it missed", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 3);
    page.entry(message("lobby", 4));
    page.peer.drop();
    expect(room.membership.value.is).toBe("joining");
    page.client.nudge();
    page.greet();
    const join = page.answerJoin("lobby", { head: 6, entries: messages("lobby", 5, 6) });
    expect(join.after).toEqual({ epoch: EPOCH, seq: 4 });
    expect(held(room)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(room.membership.value.is).toBe("joined");
    page.entry(message("lobby", 7));
    expect(held(room)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("a reset replaces what was held", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 3);
    page.reconnect();
    page.answerJoin("lobby", { head: 900, entries: messages("lobby", 801, 900), reset: true });
    expect(held(room)).toEqual(seqs(messages("lobby", 801, 900)));
  });

  it("another epoch replaces what was held, also when nobody says reset", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 30);
    page.reconnect();
    page.answerJoin("lobby", { entries: messages("lobby", 1, 2), epoch: OTHER_EPOCH });
    expect(held(room)).toEqual([1, 2]);
    expect(room.timeline.position()).toEqual({ epoch: OTHER_EPOCH, seq: 2 });
    expect(room.read.count.value).toBe(0);
  });

  it.each([
    ["has a hole", [message("lobby", 4), message("lobby", 6)]],
    ["ends below the head", [message("lobby", 4)]],
  ])("a replay that %s is never shown: the room starts anew", (_what, entries) => {
    const page = Page.greeted();
    const room = page.joined("lobby", 3);
    page.reconnect();
    page.answerJoin("lobby", { head: 6, entries });
    expect(held(room)).toEqual([1, 2, 3]);
    const join = page.answerJoin("lobby", { entries: messages("lobby", 1, 6) });
    expect(join.after).toBeUndefined();
    expect(held(room)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("the room on screen comes first, and each is asked for once", () => {
    const page = Page.greeted();
    for (const name of ["a", "b", "c"]) page.joined(name, 1);
    page.client.membership.foremost = "b";
    page.reconnect();
    expect(page.peer.unread("join").map((join) => join.room)).toEqual(["b", "a", "c"]);
  });

  it("a hundred rooms come back, each from its place", () => {
    const page = Page.greeted();
    const rooms = Array.from({ length: 100 }, (_, i) => page.joined(`room ${i}`, i + 1));
    page.reconnect();
    const joins = page.peer.unread("join");
    expect(joins.length).toBe(100);
    rooms.forEach((room, i) => {
      const after = joins.find((join) => join.room === room.name.value)?.after;
      expect(after).toEqual({ epoch: EPOCH, seq: i + 1 });
      page.answerJoin(room.name.value, { head: i + 2, entries: [message(`room ${i}`, i + 2)] });
    });
    expect(rooms.map((room) => room.timeline.head.value)).toEqual(rooms.map((_, i) => i + 2));
  });

  it("missing more than the page holds ends at the newest", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 300);
    for (let seq = 301; seq <= 420; seq++) page.entry(message("lobby", seq));
    page.reconnect();
    page.answerJoin("lobby", { entries: messages("lobby", 421, 920) });
    expect(room.timeline.atHead.value).toBe(true);
    expect(held(room)).toEqual(seqs(messages("lobby", 201, 920)));
  });

  it("typing and pages in flight are over", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 300);
    page.say({ type: "typing", room: "lobby", user: ADA, on: true });
    page.client.pager.older(room);
    expect(room.typing.users.value).toEqual([ADA]);
    expect(room.paging.value).toBe("older");
    page.peer.drop();
    expect(room.typing.users.value).toEqual([]);
    expect(room.paging.value).toBeNull();
  });
});

describe("live entries", () => {
  it("come in order, once", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 2);
    for (const seq of [3, 3, 2, 4, 1, 4, 5]) page.entry(message("lobby", seq));
    expect(held(room)).toEqual([1, 2, 3, 4, 5]);
    expect(page.peer.unread("join")).toEqual([]);
  });

  it("behind a hole wait for what is missing: the room joins again from its place", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 2);
    page.entry(message("lobby", 5));
    page.entry(message("lobby", 6));
    expect(held(room)).toEqual([1, 2]);
    expect(page.peer.unread("join").length).toBe(1);
    const join = page.answerJoin("lobby", { entries: messages("lobby", 3, 6) });
    expect(join.after).toEqual({ epoch: EPOCH, seq: 2 });
    expect(held(room)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("a hole is asked for again when the server was too busy to fill it", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 2);
    page.entry(message("lobby", 4));
    page.refuse(page.peer.next("join").ref, "rate_limited", 250);
    // The server asked for a pause: the next entry behind the hole is no reason to break it.
    page.entry(message("lobby", 5));
    expect(page.peer.unread("join")).toEqual([]);
    page.clock.advance(250);
    page.answerJoin("lobby", { entries: messages("lobby", 3, 5) });
    expect(held(room)).toEqual([1, 2, 3, 4, 5]);
    page.clock.advance(24_000);
    expect(page.peer.unread("join")).toEqual([]);
  });

  it("of a room that isn't known are passed over", () => {
    const page = Page.greeted();
    page.entry(message("elsewhere", 1));
    expect(page.peer.unread("join")).toEqual([]);
    expect(page.client.membership.rooms.value).toEqual([]);
  });

  it("are announced when somebody else said them, live: no replay, no echo, no duplicate", () => {
    const page = Page.greeted();
    const heard: string[] = [];
    page.client.arrivals.on(({ message: { body } }) => void heard.push(body ?? ""));
    page.joined("lobby", 2);
    page.entry(message("lobby", 3));
    page.entry(message("lobby", 3));
    page.entry(message("lobby", 4, { sender: ME }));
    page.reconnect();
    page.answerJoin("lobby", { entries: messages("lobby", 5, 6) });
    page.entry(message("lobby", 7));
    expect(heard).toEqual(["message 3", "message 7"]);
  });

  it("a kind that isn't known is counted, and nothing breaks", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 1);
    page.say({ type: "entry", kind: "poll", room: "lobby", seq: 2, question: "x" });
    page.entry(message("lobby", 3));
    expect(held(room)).toEqual([1, 3]);
    expect(room.timeline.newest).toBe(3);
  });
});

describe("history", () => {
  it("scrolls up page by page to the start, one at a time", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 220);
    const { pager } = page.client;
    const asked: (number | undefined)[] = [];
    for (let i = 0; i < 5 && !room.timeline.reachedStart; i++) {
      pager.older(room);
      pager.older(room);
      expect(page.peer.unread("history").length).toBe(1);
      const { ref, before = 0 } = page.peer.next("history");
      asked.push(before);
      const entries = messages("lobby", Math.max(1, before - 50), before - 1);
      page.say({ type: "page", ref, room: "lobby", epoch: EPOCH, head: 220, entries });
    }
    expect(asked).toEqual([121, 71, 21]);
    expect(held(room)).toEqual(seqs(messages("lobby", 1, 220)));
    pager.older(room);
    expect(page.peer.unread("history")).toEqual([]);
  });

  it("of another epoch isn't mixed in: the room joins again", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 220);
    page.client.pager.older(room);
    const { ref } = page.peer.next("history");
    const entries = messages("lobby", 71, 120);
    page.say({ type: "page", ref, room: "lobby", epoch: OTHER_EPOCH, head: 150, entries });
    expect(held(room)).toEqual(seqs(messages("lobby", 121, 220)));
    page.answerJoin("lobby", {
      entries: messages("lobby", 51, 150),
      reset: true,
      epoch: OTHER_EPOCH,
    });
    expect(held(room)).toEqual(seqs(messages("lobby", 51, 150)));
  });

  it("that is refused can be asked for again", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 220);
    page.client.pager.older(room);
    page.refuse(page.peer.next("history").ref, "unavailable");
    expect(room.paging.value).toBeNull();
    page.client.pager.older(room);
    expect(page.peer.unread("history").length).toBe(1);
  });

  it("a jump to the newest isn't lost while another page is on its way", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 900);
    room.reader = "up";
    room.timeline.show(part(messages("lobby", 301, 400)));
    expect(room.timeline.atHead.value).toBe(false);
    page.client.pager.older(room);
    const older = page.peer.next("history");
    page.client.pager.newest(room);
    page.say({ type: "page", ref: older.ref, room: "lobby", epoch: EPOCH, head: 900, entries: [] });
    const newest = page.peer.next("history");
    expect([newest.before, newest.after]).toEqual([undefined, undefined]);
    const entries = messages("lobby", 801, 900);
    page.say({ type: "page", ref: newest.ref, room: "lobby", epoch: EPOCH, head: 900, entries });
    expect(room.timeline.newest).toBe(900);
    expect(room.timeline.atHead.value).toBe(true);
  });

  it("isn't asked for without a connection", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 220);
    page.peer.drop();
    page.client.pager.older(room);
    expect(room.paging.value).toBeNull();
  });
});

describe("entering and leaving", () => {
  it("a room left while its join was on the way can be entered again", () => {
    const page = Page.greeted();
    const first = page.client.membership.enter("lobby");
    page.client.leave(first);
    const second = page.client.membership.enter("lobby");
    const asked = page.peer.heard.map((frame) => frame.type).filter((type) => type !== "unread");
    expect(asked.slice(-3)).toEqual(["join", "leave", "join"]);
    page.answerJoin("lobby", { entries: messages("lobby", 1, 2) });
    expect(first.membership.value.is).toBe("joining");
    expect(second.membership.value.is).toBe("joining");
    page.answerJoin("lobby", { entries: messages("lobby", 1, 3) });
    expect(second.membership.value.is).toBe("joined");
    expect(held(second)).toEqual([1, 2, 3]);
  });

  it("a room that was left doesn't come back by a late answer or a reconnect", () => {
    const page = Page.greeted();
    const room = page.client.membership.enter("lobby");
    page.client.leave(room);
    page.answerJoin("lobby", { head: 1, entries: messages("lobby", 1, 1) });
    expect(page.client.membership.rooms.value).toEqual([]);
    page.reconnect();
    expect(page.peer.unread("join")).toEqual([]);
    expect(new Page({ storage: page.storage }).client.membership.rooms.value).toEqual([]);
  });

  it("the server hears of it, also when it was busy", () => {
    const page = Page.greeted();
    page.client.leave(page.joined("lobby"));
    page.refuse(page.peer.next("leave").ref, "rate_limited", 300);
    page.clock.advance(300);
    const { ref } = page.peer.next("leave");
    page.say({ type: "ok", ref });
    page.clock.advance(24_000);
    expect(page.peer.unread("leave")).toEqual([]);
  });

  it("…but not when the room was entered again meanwhile", () => {
    const page = Page.greeted();
    page.client.leave(page.joined("lobby"));
    page.refuse(page.peer.next("leave").ref, "rate_limited", 300);
    page.joined("lobby");
    page.clock.advance(24_000);
    expect(page.peer.unread("leave")).toEqual([]);
  });

  it("whoever leaves has stopped typing before", () => {
    const page = Page.greeted();
    const room = page.joined("lobby");
    page.client.typist.typed(room);
    page.client.leave(room);
    page.client.typist.stopped();
    expect(page.peer.heard.slice(-3)).toMatchObject([
      { type: "typing", on: true },
      { type: "typing", on: false },
      { type: "leave" },
    ]);
  });

  it("a join that may succeed later is repeated, in time, once", () => {
    const page = Page.greeted();
    const room = page.client.membership.enter("lobby");
    page.refuse(page.peer.next("join").ref, "unavailable", 1_000);
    page.clock.advance(999);
    expect(page.peer.unread("join")).toEqual([]);
    page.clock.advance(1);
    page.answerJoin("lobby", {});
    expect(room.membership.value.is).toBe("joined");
    page.clock.advance(14_000);
    expect(page.peer.unread("join")).toEqual([]);
  });

  it("a pause of an old connection doesn't disturb the new one", () => {
    const page = Page.greeted();
    page.client.membership.enter("lobby");
    page.refuse(page.peer.next("join").ref, "unavailable", 5_000);
    page.reconnect();
    page.answerJoin("lobby", {});
    page.clock.advance(14_000);
    expect(page.peer.unread("join")).toEqual([]);
  });

  it("a room left during such a pause isn't entered behind the person's back", () => {
    const page = Page.greeted();
    const room = page.client.membership.enter("lobby");
    page.refuse(page.peer.next("join").ref, "unavailable", 1_000);
    page.client.leave(room);
    page.clock.advance(14_000);
    expect(page.peer.unread("join")).toEqual([]);
  });

  it("a join that can't succeed says why, and can be tried again", () => {
    const page = Page.greeted();
    const room = page.client.membership.enter("lobby");
    page.refuse(page.peer.next("join").ref, "name_taken");
    expect(room.membership.value).toEqual({
      is: "refused",
      code: "name_taken",
      message: "it is name_taken",
    });
    page.clock.advance(5_000);
    page.answerPings();
    page.clock.advance(19_000);
    expect(page.peer.unread("join")).toEqual([]);
    page.client.membership.enter("lobby");
    page.answerJoin("lobby", {});
    expect(room.membership.value.is).toBe("joined");
  });

  it("a room that is gone is forgotten for good, one that can't be entered now isn't", () => {
    const storage = memoryStorage();
    storage.set("rooms", JSON.stringify(["gone", "busy"]));
    const page = Page.greeted({ storage });
    const { membership } = page.client;
    page.refuse(page.peer.next("join").ref, "room_not_found");
    page.refuse(page.peer.next("join").ref, "name_taken");
    for (const room of membership.rooms.value) membership.drop(room);
    expect(membership.rooms.value).toEqual([]);
    const later = new Page({ storage }).client.membership.rooms.value;
    expect(later.map((room) => room.name.value)).toEqual(["busy"]);
  });

  it("the server's spelling of a room counts", () => {
    const page = Page.greeted();
    const room = page.client.membership.enter("LOBBY");
    const { ref } = page.peer.next("join");
    page.say({
      type: "joined",
      ref,
      room: "Lobby",
      epoch: EPOCH,
      head: 0,
      members: { count: 1, users: [ME], complete: true },
      entries: [],
      reset: false,
    });
    expect(room.name.value).toBe("Lobby");
    expect(page.client.membership.get("lobby")).toBe(room);
    expect(page.client.membership.enter("lobby")).toBe(room);
    page.entry(message("Lobby", 1));
    expect(held(room)).toEqual([1]);
  });

  it("a room is made and entered; one that is there already is entered too", () => {
    const page = Page.greeted();
    const results: unknown[] = [];
    createRoom(page.client, "new", (failure) => void results.push(failure));
    page.say({ type: "ok", ref: page.peer.next("create").ref });
    page.answerJoin("new", {});
    createRoom(page.client, "old", (failure) => void results.push(failure));
    page.refuse(page.peer.next("create").ref, "room_exists");
    page.answerJoin("old", {});
    createRoom(page.client, "bad", (failure) => void results.push(failure?.code));
    page.refuse(page.peer.next("create").ref, "invalid_room");
    expect(results).toEqual([null, null, "invalid_room"]);
    expect(page.client.membership.rooms.value.map((room) => room.key)).toEqual(["new", "old"]);
  });
});

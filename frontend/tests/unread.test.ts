import { signal } from "@preact/signals-core";
import { describe, expect, it } from "vitest";
import type { User } from "../src/protocol/generated";
import { memoryStorage } from "../src/store/storage";
import { ReadMark } from "../src/store/unread";
import { message, messages, Page, part } from "./support/page";
import { ADA, EPOCH, ME, OTHER_EPOCH } from "./support/wire";

const KEY = "read:lobby";
const mine = (seq: number) => message("lobby", seq, { mentions: [ME] });
const counts = ({ read }: { read: ReadMark }) => [read.count.value, read.mentions.value];

function mark(storage = memoryStorage()) {
  const read = new ReadMark(storage, KEY, signal<User | null>(ME));
  return { storage, read };
}

/** A room on a page, with what the server says of how far it was read. */
function page(head: number, said: { read: number; unread?: number; mentions?: number } | null) {
  const page = Page.greeted();
  if (said !== null) {
    page.readStates.push({ room: "lobby", unread: 0, mentions: 0, ...said });
  }
  const room = page.joined("lobby", head);
  const told = () => {
    page.clock.advance(400);
    return page.peer.unread("read").map((frame) => frame.seq);
  };
  return { page, room, told };
}

describe("how far a room was read", () => {
  it("is what the server says", () => {
    const { room, told } = page(10, { read: 7, unread: 3 });
    expect(room.read.seq.value).toBe(7);
    expect(counts(room)).toEqual([3, 0]);
    expect(told()).toEqual([]);
  });

  it("a room entered for the first time owes nothing, and the server hears of it", () => {
    const { page: there, room, told } = page(40, null);
    expect(counts(room)).toEqual([0, 0]);
    expect(told()).toEqual([40]);
    there.entry(message("lobby", 41));
    expect(counts(room)).toEqual([1, 0]);
  });

  it("what this browser marked before the server kept it is taken along", () => {
    const storage = memoryStorage();
    storage.set(KEY, JSON.stringify({ epoch: EPOCH, seq: 6 }));
    const old = Page.greeted({ storage });
    const room = old.joined("lobby", 10);
    expect(room.read.seq.value).toBe(6);
    expect(counts(room)).toEqual([4, 0]);
    old.clock.advance(400);
    expect(old.peer.unread("read").map((frame) => frame.seq)).toEqual([6]);
  });

  it("what was read without a connection is told when there is one", () => {
    const { page: there, room } = page(10, { read: 10 });
    there.entry(message("lobby", 11));
    there.peer.drop();
    room.read.mark(11);
    there.clock.advance(400);
    there.client.nudge();
    there.greet();
    there.answerJoin("lobby", { head: 11 });
    there.clock.advance(400);
    expect(there.peer.unread("read").map((frame) => frame.seq)).toEqual([11]);
  });

  it("is told once for what is read in a short while, and at once when the page goes", () => {
    const { page: there, room, told } = page(10, { read: 5 });
    for (const seq of [6, 8, 10, 9]) room.read.mark(seq);
    expect(there.peer.unread("read")).toEqual([]);
    expect(told()).toEqual([10]);
    there.entry(message("lobby", 11));
    room.read.mark(11);
    there.client.leaving();
    expect(there.peer.unread("read").map((frame) => frame.seq)).toEqual([10, 11]);
    expect(told()).toEqual([10, 11]);
  });

  it("moves with the person's other sessions, forward only", () => {
    const { page: there, room, told } = page(10, { read: 5 });
    const say = (read: number) =>
      there.say({ type: "read", room: "lobby", read, unread: 10 - read, mentions: 0 });
    say(8);
    expect(counts(room)).toEqual([2, 0]);
    say(6);
    expect(room.read.seq.value).toBe(8);
    expect(told()).toEqual([]);
  });

  it("is not known before the server said it: nothing is marked, nothing is ready", () => {
    const there = Page.greeted();
    const room = there.client.membership.enter("lobby");
    const join = there.peer.next("join");
    const joined = { type: "joined", room: "lobby", epoch: EPOCH, head: 3, reset: false };
    const members = { count: 1, users: [ME], complete: true };
    there.say({ ...joined, ref: join.ref, members, entries: messages("lobby", 1, 3) });
    room.read.mark(3);
    expect(room.read.seq.value).toBeNull();
    expect([room.timeline.loaded.value, room.ready.value]).toEqual([true, false]);
    there.readStates.push({ room: "lobby", read: 1, unread: 2, mentions: 0 });
    there.answerUnread();
    expect(room.ready.value).toBe(true);
    expect(counts(room)).toEqual([2, 0]);
  });

  it("a server that can't say leaves it to this browser", () => {
    const there = Page.greeted();
    const room = there.client.membership.enter("lobby");
    there.refuse(there.peer.next("unread").ref, "unknown_type");
    there.answerJoin("lobby", { entries: messages("lobby", 1, 3) });
    expect(room.ready.value).toBe(true);
    there.entry(message("lobby", 4));
    expect(counts(room)).toEqual([1, 0]);
    room.read.mark(4);
    expect(counts(room)).toEqual([0, 0]);
  });

  it("a server that can't say now is asked again", () => {
    const there = Page.greeted();
    const room = there.client.membership.enter("lobby");
    there.refuse(there.peer.next("unread").ref, "unavailable", 500);
    there.answerJoin("lobby", { entries: messages("lobby", 1, 9) });
    expect(room.read.seq.value).toBe(9);
    there.clock.advance(500);
    const { ref } = there.peer.next("unread");
    there.say({ type: "unread", ref, rooms: [] });
    expect(there.peer.unread("unread")).toEqual([]);
  });

  it("all rooms are asked for at once, before they are entered again", () => {
    const there = Page.greeted();
    for (const name of ["a", "b", "c"]) there.joined(name, 1);
    there.reconnect();
    expect(there.peer.unread("unread").map((frame) => frame.rooms)).toEqual([["a", "b", "c"]]);
    const order = there.peer.heard.map((frame) => frame.type);
    expect(order.indexOf("unread")).toBeLessThan(order.indexOf("join"));
  });

  it("another epoch never leaves more read than there is", () => {
    const { page: there, room } = page(100, { read: 100 });
    there.reconnect();
    there.readStates.splice(0);
    there.answerJoin("lobby", { entries: messages("lobby", 1, 30), epoch: OTHER_EPOCH });
    expect(room.read.seq.value).toBe(30);
    there.entry(message("lobby", 31));
    expect(counts(room)).toEqual([1, 0]);
  });

  it("a room that was left owes nothing when it is entered again", () => {
    const { page: there, room } = page(3, { read: 1 });
    there.client.leave(room);
    expect(there.storage.get(KEY)).toBeNull();
    there.readStates.splice(0);
    const again = there.joined("lobby", 90);
    expect(counts(again)).toEqual([0, 0]);
  });
});

describe("what is unread", () => {
  it("are messages of others: no change, no pin, no topic, nothing of mine", () => {
    const { page: there, room } = page(3, { read: 3 });
    const head = { room: "lobby", sender: ADA, at: 0 };
    there.entry({ kind: "edit", ...head, id: "4", seq: 4, target: 3, body: "new" });
    there.entry({ kind: "reaction", ...head, id: "5", seq: 5, target: 3, emoji: "👍", on: true });
    there.entry({ kind: "pin", ...head, id: "6", seq: 6, target: 3, on: true });
    there.entry({ kind: "topic", ...head, id: "7", seq: 7, topic: "t", description: "" });
    expect(counts(room)).toEqual([0, 0]);
    there.entry(message("lobby", 8));
    expect(counts(room)).toEqual([1, 0]);
  });

  it("counts mentions apart, also by an edit, and forgets what is deleted", () => {
    const { page: there, room } = page(3, { read: 3 });
    const head = { room: "lobby", sender: ADA, at: 0 };
    there.entry(mine(4));
    there.entry(message("lobby", 5));
    expect(counts(room)).toEqual([2, 1]);
    const edit = { kind: "edit", ...head, target: 5, body: "@민지" } as const;
    there.entry({ ...edit, id: "6", seq: 6, mentions: [ME] });
    expect(counts(room)).toEqual([2, 2]);
    there.entry({ kind: "delete", ...head, id: "7", seq: 7, target: 4 });
    expect(counts(room)).toEqual([1, 1]);
    room.read.mark(7);
    expect(counts(room)).toEqual([0, 0]);
  });

  it("is what the server counted where this page doesn't hold it all, and goes on from there", () => {
    const { page: there, room } = page(900, { read: 50, unread: 98, mentions: 2 });
    expect(room.read.count.value).toBe(100);
    const few = page(900, { read: 798, unread: 40, mentions: 2 });
    expect(few.room.read.mentions.value).toBe(2);
    there.entry(mine(901));
    expect(room.read.mentions.value).toBe(3);
    // Who answers hasn't seen them by that.
    there.entry(message("lobby", 902, { sender: ME }));
    expect(counts(room)).toEqual([101, 3]);
    // What is on screen is taken off.
    room.read.mark(51, { unread: 1, mentions: 1 });
    expect(room.read.mentions.value).toBe(2);
    room.read.mark(902);
    expect(counts(room)).toEqual([0, 0]);
  });

  it("survives a reload, also before there is a connection", () => {
    const { page: there, room } = page(5, { read: 5 });
    there.entry(mine(6));
    const seqNow = room.read.seq.value;
    there.say({ type: "read", room: "lobby", read: 5, unread: 1, mentions: 1 });
    expect(room.read.seq.value).toBe(seqNow);
    const later = new Page({ storage: there.storage });
    later.client.start();
    const [again] = later.client.membership.rooms.value;
    expect(again?.read.seq.value).toBe(5);
  });

  it("another tab's reading reaches the rooms of this one", () => {
    const { page: there, room } = page(3, { read: 3 });
    there.entry(message("lobby", 4));
    there.storage.set(KEY, JSON.stringify({ epoch: EPOCH, seq: 4 }));
    there.client.otherTabWrote(KEY);
    expect(counts(room)).toEqual([0, 0]);
  });

  it("a crowd's messages are counted up to a bound, and nothing grows beyond it", () => {
    const { page: there, room } = page(3, { read: 3 });
    for (let seq = 4; seq <= 2_000; seq++) there.entry(message("lobby", seq));
    expect(room.read.count.value).toBeGreaterThanOrEqual(100);
    expect(room.read.count.value).toBeLessThanOrEqual(300);
  });
});

describe("what this browser keeps", () => {
  it.each(["{", "[]", '{"epoch":7,"seq":3}', '{"epoch":"e","seq":"3"}', '{"epoch":"e","seq":1.5}'])(
    "counts as never read when it is damaged: %s",
    (text) => {
      const storage = memoryStorage();
      storage.set(KEY, text);
      expect(mark(storage).read.seq.value).toBeNull();
    },
  );

  it("of two tabs the further one counts", () => {
    const one = mark();
    const two = mark(one.storage);
    for (const { read } of [one, two]) {
      read.joined(EPOCH, 10, part(messages("lobby", 1, 10)), false);
      read.answered({ read: 5, unread: 5, mentions: 0 });
    }
    one.read.mark(9);
    two.read.mark(7);
    expect(two.read.seq.value).toBe(9);
    one.read.mark(10);
    two.read.load();
    expect(two.read.count.value).toBe(0);
  });

  it("in another epoch what another tab read there counts", () => {
    const one = mark();
    one.read.joined(EPOCH, 10, part([], 10), false);
    one.read.answered(null);
    const two = mark(one.storage);
    two.read.joined(OTHER_EPOCH, 40, part([], 40), false);
    two.read.answered({ read: 38, unread: 2, mentions: 0 });
    one.read.joined(OTHER_EPOCH, 40, part([], 40), false);
    expect(one.read.seq.value).toBe(38);
  });
});

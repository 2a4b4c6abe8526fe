import { effect } from "@preact/signals-core";
import { beforeEach, describe, expect, it } from "vitest";
import type { LogEntry } from "../src/protocol/frames";
import { MAX_REACTED_USERS } from "../src/protocol/generated";
import type { User } from "../src/protocol/generated";
import type { Room } from "../src/store/room";
import { MAX_KEPT, OwnReactions } from "../src/sync/own-reactions";
import { message, Page, part, seqs } from "./support/page";
import { EPOCH, ME } from "./support/wire";

const member = (n: number): User => ({ id: `m${n}`, name: `Member ${n}` });
const members = Array.from({ length: MAX_REACTED_USERS }, (_, n) => member(n));

/** A message that more people reacted to than it lists. */
const crowded = (seq: number, count = MAX_REACTED_USERS + 3, users: readonly User[] = members) =>
  message("lobby", seq, { reactions: [{ emoji: "👍", count, users: [...users] }], changed: 200 });

let page: Page;
let room: Room;
let own: OwnReactions;
/** What is drawn of each message: newest last. */
let drawn: Map<number, boolean[]>;
let stops: (() => void)[] = [];

function draw(seq: number): void {
  const shown: boolean[] = [];
  drawn.set(seq, shown);
  const chip = () => void shown.push(own.has(room, seq, "👍"));
  stops.push(effect(chip));
}

/** Draws again, as a message does that something happened to. */
const redraw = (seq: number) => own.has(room, seq, "👍");

const now = (seq: number) => drawn.get(seq)?.at(-1);

function answer(told: Record<number, string[]>, head = 200): readonly number[] {
  const { ref, targets } = page.peer.next("own_reactions");
  const messages = Object.entries(told).map(([seq, emoji]) => ({ target: Number(seq), emoji }));
  page.say({ type: "own_reactions", ref, room: "lobby", head, messages });
  return targets;
}

function reaction(seq: number, target: number, sender: User, on: boolean): LogEntry {
  const head = { room: "lobby", seq, id: `r-${seq}`, sender, at: 0 };
  return { kind: "reaction", ...head, target, emoji: "👍", on };
}

const asked = () => page.peer.unread("own_reactions").length;

function arrive(): void {
  page = Page.greeted();
  own = new OwnReactions(page.client);
}

function join(entries: readonly LogEntry[]): void {
  room = page.client.membership.enter("lobby");
  page.answerJoin("lobby", { head: 200, entries });
}

const filler = Array.from({ length: 97 }, (_, i) => message("lobby", 104 + i));

beforeEach(() => {
  for (const stop of stops) stop();
  stops = [];
  drawn = new Map();
  arrive();
  join([crowded(101), crowded(102), crowded(103), ...filler]);
});

describe("reactions of a crowd", () => {
  it("are asked for together, once", async () => {
    for (const seq of [101, 102, 103]) draw(seq);
    await page.settle();
    expect(answer({ 102: ["👍"] })).toEqual([101, 102, 103]);
    expect([101, 102, 103].map(now)).toEqual([false, true, false]);
    for (const seq of [101, 102, 103]) redraw(seq);
    await page.settle();
    expect(asked()).toBe(0);
  });

  it("are not asked for where all are listed, or oneself", async () => {
    const listed = [ME, ...members.slice(1)];
    arrive();
    join([
      crowded(101, MAX_REACTED_USERS),
      crowded(102, 99, listed),
      message("lobby", 103),
      ...filler,
    ]);
    for (const seq of [101, 102, 103, 150, 999]) draw(seq);
    await page.settle();
    expect(asked()).toBe(0);
    expect([101, 102, 103].map(now)).toEqual([false, true, false]);
  });

  it("are as one wants them until that is in the log, and as it has them then", async () => {
    draw(101);
    await page.settle();
    answer({});
    page.client.change(room, { kind: "reaction", target: 101, emoji: "👍", on: true });
    expect(now(101)).toBe(true);
    const { ref, id } = page.peer.next("react");
    page.say({ type: "sent", ref, room: "lobby", id, seq: 201, at: 0 });
    page.entry({ ...reaction(201, 101, ME, true), id } as LogEntry);
    expect(redraw(101)).toBe(true);
    page.client.change(room, { kind: "reaction", target: 101, emoji: "👍", on: false });
    expect(redraw(101)).toBe(false);
    await page.settle();
    expect(asked()).toBe(0);
  });

  it("follow what another device of theirs does, and nobody else", async () => {
    draw(101);
    await page.settle();
    answer({ 101: ["👍"] });
    page.entry(reaction(201, 101, member(77), false));
    expect(redraw(101)).toBe(true);
    page.entry(reaction(202, 101, ME, false));
    expect(redraw(101)).toBe(false);
    page.entry(reaction(203, 102, ME, true));
    expect(redraw(101)).toBe(false);
    page.entry(reaction(204, 101, ME, true));
    expect(redraw(101)).toBe(true);
    await page.settle();
    expect(asked()).toBe(0);
  });

  it("come with an answer that is older than what was heard meanwhile", async () => {
    draw(101);
    await page.settle();
    page.entry(reaction(201, 101, ME, false));
    answer({ 101: ["👍"] }, 200);
    expect(now(101)).toBe(false);
  });

  it("are not asked for on and on of a server that lags behind what it told", async () => {
    room.timeline.show(part([crowded(101)]));
    page.entry(reaction(201, 101, member(7), true));
    draw(101);
    await page.settle();
    answer({ 101: ["👍"] }, 150);
    await page.settle();
    expect([now(101), asked()]).toEqual([true, 0]);
  });

  it("need no question where every change was heard, wherever the reader is", async () => {
    draw(101);
    await page.settle();
    answer({});
    // The reader went up, and the newest are let go.
    room.timeline.show(part([crowded(101)]));
    expect(seqs(room.timeline.entries.value)).toEqual([101]);
    page.entry(reaction(201, 101, ME, true));
    expect(redraw(101)).toBe(true);
    await page.settle();
    expect(asked()).toBe(0);
  });

  it("are asked for again where a join left changes out", async () => {
    draw(101);
    await page.settle();
    answer({});
    const covers = { from: 201, to: 900 };
    const updated = [{ ...crowded(101), changed: 900 }];
    expect(room.timeline.replay({ entries: [], covers, updated }, 900)).toBe("ok");
    redraw(101);
    await page.settle();
    expect(answer({ 101: ["👍"] }, 900)).toEqual([101]);
    expect(now(101)).toBe(true);
  });

  it("wait for the connection, and for the room", async () => {
    page.peer.drop();
    draw(101);
    await page.settle();
    page.client.nudge();
    page.greet();
    await page.settle();
    expect(asked()).toBe(0);
    page.answerJoin("lobby", { head: 200 });
    await page.settle();
    answer({ 101: ["👍"] });
    expect(now(101)).toBe(true);
  });

  it("are asked for anew in another log", async () => {
    draw(101);
    await page.settle();
    answer({ 101: ["👍"] });
    page.reconnect();
    const entries = [crowded(101), crowded(102), crowded(103), ...filler];
    page.answerJoin("lobby", { head: 200, entries, reset: true, epoch: `${EPOCH}2` });
    redraw(101);
    await page.settle();
    answer({});
    expect(now(101)).toBe(false);
  });

  it("are nobody's where the server knows no such question, which isn't asked again", async () => {
    draw(101);
    await page.settle();
    page.refuse(page.peer.next("own_reactions").ref, "unknown_type");
    expect(now(101)).toBe(false);
    redraw(101);
    await page.settle();
    expect(asked()).toBe(0);
  });

  it("are asked for by the screenful", async () => {
    arrive();
    join(Array.from({ length: 100 }, (_, i) => crowded(101 + i)));
    for (let seq = 101; seq <= 200; seq++) draw(seq);
    await page.settle();
    expect(asked()).toBe(1);
    expect(answer({}).length).toBe(50);
    expect(answer({ 200: ["👍"] }).length).toBe(50);
    expect(now(200)).toBe(true);
  });

  it("are kept up to a bound, those that were asked for last", async () => {
    arrive();
    const first = 1_000;
    const last = first + MAX_KEPT;
    room = page.client.membership.enter("lobby");
    const all = Array.from({ length: MAX_KEPT + 1 }, (_, i) => crowded(first + i));
    page.answerJoin("lobby", { head: last, entries: all });
    for (let seq = first; seq <= last; seq++) redraw(seq);
    await page.settle();
    while (asked() > 0) answer({}, last);
    for (const [seq, again] of [
      [first, 1],
      [first + 2, 0],
      [first + 1, 1],
      [first, 0],
      [last, 0],
    ] as const) {
      redraw(seq);
      await page.settle();
      expect([seq, asked()]).toEqual([seq, again]);
      if (again > 0) answer({}, last);
    }
  });
});

// What is unread, whatever order the answers of a server come in: a badge goes only by reading.

import { describe, expect, it } from "vitest";
import { message, messages, Page } from "./support/page";
import { forSeeds, pick } from "./support/random";
import { EPOCH, ME } from "./support/wire";

const ROOM = "lobby";

/** A server with one room that this person knows, and another device of theirs. */
class Room {
  head = 5;
  /** How far this person has read; null before they first came. */
  read: number | null;
  /** What the page may rightly say at most. */
  allowed: number;
  readonly page = Page.greeted();
  readonly room = this.page.client.membership.enter(ROOM);
  private joinedHead: number | null = null;
  /** The marker is answered and the join is not: a server does the one right after the other. */
  private between = false;
  /** Entries and markers on their way to the page, each in the order of its kind. */
  private readonly entries: number[] = [];
  private readonly markers: (() => void)[] = [];

  constructor(known: boolean) {
    this.read = known ? 2 : null;
    this.allowed = known ? 2 : 0;
  }

  unread(from = this.read ?? this.head): number {
    return Math.max(0, this.head - from);
  }

  private state() {
    const read = this.read ?? 0;
    return { room: ROOM, read, unread: this.unread(), mentions: 0 };
  }

  /** Somebody says something. */
  say(): void {
    if (this.between) return;
    this.head += 1;
    if (this.joinedHead !== null) this.entries.push(this.head);
  }

  deliver(): void {
    const seq = this.entries.shift();
    if (seq !== undefined) this.page.entry(message(ROOM, seq));
  }

  /** The other device reads on, which this page hears of beside the entries. */
  readElsewhere(): void {
    if (this.read === null || this.read >= this.head || this.between) return;
    this.read += 1;
    this.allowed = Math.max(this.allowed, this.read);
    const frame = { type: "read", ...this.state() };
    if (this.joinedHead !== null) this.markers.push(() => this.page.say(frame));
  }

  tellMarker(): void {
    this.markers.shift()?.();
  }

  answerUnread(): void {
    if (this.page.peer.unread("unread").length === 0) return;
    const { ref } = this.page.peer.next("unread");
    this.between = this.joinedHead === null;
    this.page.say({ type: "unread", ref, rooms: this.read === null ? [] : [this.state()] });
  }

  refuseUnread(): void {
    if (this.page.peer.unread("unread").length === 0) return;
    this.page.refuse(this.page.peer.next("unread").ref, "overloaded", 300);
  }

  answerJoin(): void {
    const [join] = this.page.peer.unread("join");
    if (join === undefined) return;
    this.page.peer.next("join");
    // The page holds the whole room, so that its count is exact.
    const after = join.after?.seq ?? 0;
    this.joinedHead = this.head;
    this.between = false;
    this.entries.splice(0);
    // Who comes for the first time owes nothing of what was there.
    if (this.read === null) this.allowed = Math.max(this.allowed, this.head);
    this.page.say({
      type: "joined",
      ref: join.ref,
      room: ROOM,
      epoch: EPOCH,
      head: this.head,
      members: { count: 1, users: [ME], complete: true },
      entries: messages(ROOM, after + 1, this.head),
      reset: join.after === undefined,
    });
  }

  reconnect(): void {
    this.joinedHead = null;
    this.between = false;
    this.entries.splice(0);
    this.markers.splice(0);
    this.page.reconnect();
  }

  /** The page's own markers arrive; none may be of what nobody looked at. */
  hear(): void {
    while (this.page.peer.unread("read").length > 0) {
      const { seq } = this.page.peer.next("read");
      expect(seq, "a marker of what nobody read").toBeLessThanOrEqual(this.allowed);
      this.read = Math.max(this.read ?? 0, seq);
    }
  }

  /** Everything that is owed is said. */
  settle(): void {
    for (let round = 0; round < 6; round++) {
      this.page.clock.advance(1_000);
      this.answerUnread();
      this.answerJoin();
      for (let n = 0; n < 60; n++) {
        this.deliver();
        this.tellMarker();
      }
      this.hear();
    }
  }
}

describe("what nobody looked at stays unread", () => {
  it.each([true, false])("in any order of answers; the room is known: %s", (known) => {
    forSeeds(400, (random) => {
      const there = new Room(known);
      const steps = [
        () => there.say(),
        () => there.say(),
        () => there.deliver(),
        () => there.deliver(),
        () => there.readElsewhere(),
        () => there.tellMarker(),
        () => there.answerUnread(),
        () => there.refuseUnread(),
        () => there.answerJoin(),
        () => there.page.clock.advance(200),
        () => there.hear(),
        () => random() < 0.2 && there.reconnect(),
      ];
      for (let n = 0; n < 40; n++) pick(random, steps)();
      there.settle();
      expect(there.room.read.seq.value).toBe(there.read);
      expect(there.room.read.count.value).toBe(there.unread());
    });
  });

  it("where the server could not say at first, its later answer counts, not the guess", () => {
    const there = new Room(true);
    there.refuseUnread();
    there.answerJoin();
    expect(there.room.ready.value).toBe(true);
    there.page.clock.advance(300);
    there.answerUnread();
    there.page.clock.advance(400);
    there.hear();
    expect([there.room.read.seq.value, there.room.read.count.value]).toEqual([2, 3]);
  });

  it("a guess is kept nowhere: the page that comes next doesn't take it for true", () => {
    const there = new Room(true);
    there.refuseUnread();
    there.answerJoin();
    expect(there.page.storage.get(`read:${ROOM}`)).toBeNull();
  });

  it("who comes for the first time is known to the server at once, before another device asks", () => {
    const there = new Room(false);
    there.answerUnread();
    there.answerJoin();
    expect(there.page.peer.unread("read").map(({ seq }) => seq)).toEqual([5]);
  });

  it("what was written in a tunnel reads nothing that was said meanwhile", () => {
    const there = new Room(true);
    there.settle();
    there.room.read.mark(5);
    there.allowed = 5;
    there.page.peer.drop();
    there.page.client.send(there.room, "from the tunnel");
    for (let n = 0; n < 3; n++) there.say();
    there.page.client.nudge();
    there.page.greet();
    there.answerUnread();
    there.answerJoin();
    const { id, ref } = there.page.peer.next("send");
    there.head += 1;
    there.page.say({ type: "sent", ref, room: ROOM, id, seq: there.head, at: 0 });
    there.page.entry(message(ROOM, there.head, { id, sender: ME }));
    expect(there.room.read.count.value).toBe(3);
    there.page.clock.advance(400);
    there.hear();
    // Nor does an answer to what was said before them; who sees them and answers has read.
    there.room.read.mark(there.head);
    there.page.client.send(there.room, "and now");
    const { id: next } = there.page.peer.next("send");
    there.page.entry(message(ROOM, there.head + 1, { id: next, sender: ME }));
    expect(there.room.read.count.value).toBe(0);
  });
});

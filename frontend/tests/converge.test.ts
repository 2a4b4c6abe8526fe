import { describe, expect, it } from "vitest";
import type { LogEntry } from "../src/protocol/frames";
import type { ClientFrame } from "../src/protocol/generated";
import { isShown } from "../src/store/held";
import type { Room } from "../src/store/room";
import { EVERYBODY, Log, seen } from "./support/log";
import { Page, part } from "./support/page";
import { forSeeds } from "./support/random";
import { EPOCH, ME } from "./support/wire";

/** A machine may be busy; how long it takes says nothing. */
const PATIENCE_MS = 60_000;
const MAX_REPLAY = 25;
const PAGE = 20;

/** Who answers has read: for counts this person says nothing. */
const OTHERS = EVERYBODY.filter((user) => user !== ME);

type History = Extract<ClientFrame, { type: "history" }>;

/** A server that commits, loses, repeats and dawdles by chance, and a real page in front of it. */
class Weather {
  readonly log: Log;
  readonly page = Page.greeted();
  readonly room: Room;
  /** What this connection is still to deliver. */
  private live: LogEntry[] = [];
  private delivered: LogEntry[] = [];
  /** Pages that were asked for, and when they were read. */
  private asked: { frame: History; readAt: number }[] = [];
  read: number;

  constructor(
    private readonly random: () => number,
    before: number,
    people = EVERYBODY,
  ) {
    this.log = new Log("lobby", people);
    for (let i = 0; i < before; i++) this.log.grow(random);
    this.read = Math.floor(random() * (before + 1));
    this.room = this.page.client.membership.enter("lobby");
    this.answerJoins();
  }

  step(): void {
    const dice = Math.floor(this.random() * 14);
    const { client } = this.page;
    if (dice < 4) this.live.push(this.log.grow(this.random));
    else if (dice < 7) this.deliver();
    else if (dice === 7) this.repeat();
    else if (dice === 8) this.live.splice(Math.floor(this.random() * this.live.length), 1);
    else if (dice === 9) this.reconnect();
    else if (dice === 10) client.pager.older(this.room);
    else if (dice === 11) client.pager.newer(this.room);
    else if (dice === 12) this.answerPages();
    else this.jump();
    this.hearRequests();
  }

  /** The weather clears: everything is delivered, and the reader goes back to the newest. */
  settle(): void {
    this.reconnect();
    this.hearRequests();
    while (this.live.length > 0) this.deliver();
    for (let i = 0; i < 9 && !this.room.timeline.atHead.value; i++) {
      this.answerPages();
      this.page.client.pager.newest(this.room);
      this.hearRequests();
      this.answerPages();
    }
  }

  private hearRequests(): void {
    this.answerJoins();
    while (this.page.peer.unread("history").length > 0) {
      this.asked.push({ frame: this.page.peer.next("history"), readAt: this.log.head });
    }
  }

  private deliver(): void {
    const entry = this.live.shift();
    if (entry === undefined) return;
    this.delivered.push(entry);
    this.page.entry(entry);
  }

  private repeat(): void {
    const entry = this.delivered[Math.floor(this.random() * this.delivered.length)];
    if (entry !== undefined) this.page.entry(entry);
  }

  private reconnect(): void {
    this.live = [];
    this.asked = [];
    this.page.reconnect();
    // Some of it happens while nobody listens.
    for (let i = Math.floor(this.random() * 40 * this.random()); i > 0; i--) {
      this.log.grow(this.random);
    }
    this.answerJoins();
  }

  private answerJoins(): void {
    while (this.page.peer.unread("join").length > 0) {
      const after = this.page.peer.unread("join")[0]?.after;
      const { head } = this.log;
      const unread = this.log.unread(this.read, ME);
      this.page.readStates.splice(0, 1, { room: "lobby", read: this.read, ...unread });
      const reset = after !== undefined && head - after.seq > MAX_REPLAY;
      const fresh = after === undefined || reset;
      const from = fresh ? head - PAGE + 1 : after.seq + 1;
      const about = this.log.about();
      const dice = this.random();
      if (dice < 0.4) {
        const reach = fresh ? this.log.reach(head, PAGE / 2) : from;
        const page = this.log.byMessages(reach, head);
        this.page.answerJoin("lobby", { head, ...page, reset, about });
      } else {
        const entries =
          dice < 0.7 ? this.log.read(from, head) : this.log.heard(Math.max(1, from), head);
        this.page.answerJoin("lobby", { head, entries, reset, about });
      }
      this.live = [];
    }
  }

  /** Answers the pages in the order of asking, as they were read: entries may have come since. */
  private answerPages(): void {
    for (const { frame: asked, readAt } of this.asked.splice(0)) {
      const { ref, before, after, limit = PAGE } = asked;
      const head = readAt;
      const [from, to] =
        before !== undefined
          ? [before - limit, before - 1]
          : after !== undefined
            ? [after + 1, after + limit]
            : [head - limit + 1, head];
      const frame = { type: "page", ref, room: "lobby", epoch: EPOCH, head };
      if (this.random() < 0.5) {
        this.page.say({ ...frame, entries: this.log.read(from, to, head) });
      } else {
        const reach = after === undefined ? this.log.reach(to, limit / 4, head) : from;
        this.page.say({ ...frame, ...this.log.byMessages(reach, Math.min(to, head), head) });
      }
    }
  }

  /** To somewhere else, by a page that may be as old as the connection. */
  private jump(): void {
    const { timeline } = this.room;
    const readAt = timeline.head.value - Math.floor(this.random() * 3);
    if (!timeline.knowsSince(readAt)) return;
    const from = 1 + Math.floor(this.random() * readAt);
    timeline.show(part(this.log.read(from, from + PAGE, readAt)), readAt);
  }
}

describe("whatever is lost, repeated, late or read in between", () => {
  it(
    "ends in the same timeline as the whole log",
    () => {
      forSeeds(150, (random) => {
        const weather = new Weather(random, Math.floor(random() * 60));
        const steps = 20 + Math.floor(random() * 120);
        for (let i = 0; i < steps; i++) weather.step();
        weather.settle();
        const { log, room } = weather;
        const { timeline } = room;
        expect(timeline.atHead.value).toBe(true);
        expect(timeline.head.value).toBe(log.head);
        const shown = log.read(timeline.oldest, log.head).filter(isShown);
        expect(seen(timeline.entries.value)).toEqual(seen(shown));
        expect(room.about.now.value).toEqual(log.about());
      });
    },
    PATIENCE_MS,
  );

  it(
    "counts the same as unread",
    () => {
      forSeeds(80, (random) => {
        const weather = new Weather(random, Math.floor(random() * 15), OTHERS);
        for (let i = 0; i < 60; i++) weather.step();
        weather.settle();
        const { log, room, read } = weather;
        expect(room.read.seq.value).toBe(read);
        const { unread, mentions } = log.unread(read, ME);
        expect([room.read.count.value, room.read.mentions.value]).toEqual([unread, mentions]);
      });
    },
    PATIENCE_MS,
  );
});

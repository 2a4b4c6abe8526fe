// What was not on screen stays unread, whatever a reader does.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LogEntry } from "../src/protocol/frames";
import { MAX_UNREAD } from "../src/protocol/generated";
import type { Room } from "../src/store/room";
import { memoryStorage } from "../src/store/storage";
import { RoomViews } from "../src/ui/context/room-views";
import { message, Page } from "./support/page";
import { pick, seeded } from "./support/random";
import { Screen, somebodyLooks } from "./support/screen";
import { EPOCH, ME } from "./support/wire";

const ROOM = "lobby";

/** A server with one room, and how far this person read it. */
class Server {
  readonly said: LogEntry[] = [];
  read = 0;

  constructor(
    private readonly pageSize: number,
    private readonly mostReplayed: number,
  ) {}

  get head(): number {
    return this.said.length;
  }

  say(calls: boolean): LogEntry {
    const entry = message(ROOM, this.head + 1, calls ? { mentions: [ME] } : {});
    this.said.push(entry);
    return entry;
  }

  above(seq: number): { unread: number; mentions: number } {
    const above = this.said.slice(seq);
    const mine = above.filter((entry) => entry.kind === "message" && entry.mentions?.length === 1);
    return { unread: above.length, mentions: mine.length };
  }

  /** Answers everything that a page asks for, and hears what it tells. */
  serve(page: Page): void {
    const { peer } = page;
    page.answerPings();
    for (const { seq } of peer.unread("read")) {
      peer.next("read");
      this.read = Math.max(this.read, seq);
    }
    while (peer.unread("unread").length > 0) {
      const { ref } = peer.next("unread");
      const { unread, mentions } = this.above(this.read);
      const upTo = (count: number) => Math.min(count, MAX_UNREAD);
      const state = { room: ROOM, read: this.read, unread: upTo(unread), mentions: upTo(mentions) };
      page.say({ type: "unread", ref, rooms: [state] });
    }
    while (peer.unread("join").length > 0) this.join(page);
    while (peer.unread("history").length > 0) {
      const { ref, before, after } = peer.next("history");
      const end = before ?? (after === undefined ? this.head + 1 : after + this.pageSize + 1);
      const from = Math.max(1, after === undefined ? end - this.pageSize : after + 1);
      const entries = this.said.slice(from - 1, end - 1);
      page.say({ type: "page", ref, room: ROOM, epoch: EPOCH, head: this.head, entries });
    }
  }

  private join(page: Page): void {
    const { ref, after } = page.peer.next("join");
    const missed = this.head - (after?.seq ?? 0);
    const resumes = after !== undefined && missed <= this.mostReplayed;
    const count = resumes ? missed : this.pageSize;
    page.say({
      type: "joined",
      ref,
      room: ROOM,
      epoch: EPOCH,
      head: this.head,
      members: { count: 1, users: [ME], complete: true },
      entries: this.said.slice(Math.max(0, this.head - count)),
      reset: !resumes,
    });
  }
}

/** Somebody with a browser, and what was ever on their screen. */
class Reader {
  readonly seen = new Set<number>();
  private readonly storage = memoryStorage();
  private page = new Page({ storage: this.storage });
  private views = new RoomViews();
  private scrolls = 0;
  room!: Room;
  screen!: Screen;

  constructor(
    private readonly server: Server,
    private readonly height: (key: string) => number,
  ) {}

  async open(): Promise<void> {
    this.page = Page.greeted({ storage: this.storage });
    this.views = new RoomViews();
    this.room = this.page.client.membership.enter(ROOM);
    await this.look();
  }

  async look(): Promise<void> {
    this.screen = new Screen(this.page, this.room, this.height, this.views);
    await this.settle();
  }

  /** Everything is answered, drawn and seen. */
  async settle(): Promise<void> {
    await vi.dynamicImportSettled();
    for (let round = 0; round < 8; round++) {
      this.server.serve(this.page);
      this.screen.draw();
      this.note();
      await this.page.settle();
    }
    this.page.clock.advance(500);
    this.server.serve(this.page);
  }

  private note(): void {
    for (const row of this.screen.shown()) {
      if (row.kind === "message" && "seq" in row.source) this.seen.add(row.source.seq);
    }
  }

  hear(entry: LogEntry): void {
    this.page.entry(entry);
    this.screen.draw();
    this.note();
  }

  scroll(pixels: number): void {
    // Pages come late, and when they are here they may not be drawn yet.
    if (++this.scrolls % 6 === 0) this.server.serve(this.page);
    this.screen.scrollBy(pixels);
    this.note();
  }

  async leave(): Promise<void> {
    this.screen.close();
    await this.page.settle();
  }

  async reconnect(): Promise<void> {
    this.page.reconnect();
    await this.settle();
  }

  toNewest(): void {
    this.screen.log.toNewest();
    this.screen.draw();
    this.note();
  }
}

beforeEach(() => somebodyLooks());
afterEach(() => vi.unstubAllGlobals());

/** Nothing counts as read that was never on screen, and all else is told. */
function check(server: Server, { seen, room }: Reader, base: number): void {
  for (let seq = base + 1; seq <= server.read; seq++) {
    expect(seen.has(seq), `${seq} is read up to ${server.read}, and was never on screen`).toBe(
      true,
    );
  }
  const { unread, mentions } = server.above(server.read);
  const { count, mentions: mine } = room.read;
  if (unread < MAX_UNREAD) expect(count.value).toBe(unread);
  else expect(count.value).toBeGreaterThanOrEqual(MAX_UNREAD);
  expect(mine.value).toBeGreaterThanOrEqual(Math.min(mentions, MAX_UNREAD));
}

describe("what was not on screen", () => {
  const seeds = Array.from({ length: 60 }, (_, n) => n + 1);
  it.each(seeds)("stays unread, and is come to first (seed %i)", async (seed) => {
    const random = seeded(seed);
    const upTo = (most: number) => Math.floor(random() * most);
    const server = new Server(5 + upTo(100), upTo(200));
    const known = upTo(60);
    for (let n = 0; n < known; n++) server.say(false);
    server.read = known;
    for (let n = upTo(350); n > 0; n--) server.say(random() < 0.02);
    const heights = new Map<string, number>();
    const reader = new Reader(server, (key) => {
      if (!key.startsWith(ROOM)) return 30;
      if (!heights.has(key)) heights.set(key, 20 + upTo(upTo(10) === 0 ? 900 : 60));
      return heights.get(key) ?? 0;
    });

    const comesTo = (first: number) => {
      if (server.head < first || reader.seen.has(first)) return;
      const shown = reader.screen.shown().map(({ key }) => key);
      // Below the line that stands a fifth down; what is higher than that ends below the screen.
      const high = (heights.get(`${ROOM}-${first}`) ?? 0) > 0.8 * 570 - 30;
      expect(high || shown.includes(`${ROOM}-${first}`), `${first} is on screen`).toBe(true);
    };
    const steps: (() => void | Promise<void>)[] = [
      () => reader.scroll(upTo(300)),
      () => reader.scroll(upTo(300)),
      () => reader.scroll(-upTo(500)),
      () => reader.scroll(upTo(5_000)),
      () => reader.toNewest(),
      () => reader.hear(server.say(random() < 0.1)),
      async () => {
        await reader.leave();
        await reader.look();
      },
      async () => {
        await reader.leave();
        for (let n = upTo(150); n > 0; n--) server.say(random() < 0.02);
        const first = server.read + 1;
        await reader.open();
        comesTo(first);
      },
      async () => {
        for (let n = upTo(150); n > 0; n--) server.say(random() < 0.02);
        await reader.reconnect();
      },
    ];
    await reader.open();
    check(server, reader, known);
    for (let n = 0; n < 12; n++) {
      const step = pick(random, steps);
      await step();
      await reader.settle();
      check(server, reader, known);
    }
    // Whoever reads on to the end has read it all.
    reader.screen.log.toNews();
    await reader.settle();
    for (let n = 0; n < 800 && reader.room.read.count.value > 0; n++) {
      reader.scroll(300);
      if (n % 24 === 23) await reader.settle();
    }
    await reader.settle();
    check(server, reader, known);
    expect(server.read).toBe(server.head);
  });
});

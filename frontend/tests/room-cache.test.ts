import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it } from "vitest";
import { NOTHING } from "../src/store/about";
import { RoomCache } from "../src/store/room-cache";
import type { Snapshot } from "../src/store/room-cache";
import { Page, message, messages, seqs } from "./support/page";
import type { MemoryCache } from "./support/page";
import { ADA, EPOCH, ME, OTHER_EPOCH } from "./support/wire";

const snapshot = (key: string, more: Partial<Snapshot> = {}): Snapshot => ({
  key,
  user: ME.id,
  name: key,
  epoch: EPOCH,
  head: 3,
  about: NOTHING,
  from: 1,
  entries: messages(key, 1, 3),
  at: 1,
  ...more,
});

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

describe("the rooms on disk", () => {
  const troubles: unknown[] = [];
  const open = () => new RoomCache((error) => void troubles.push(error));

  it("come back as they were put, the latest seen first", async () => {
    const before = open();
    before.put(snapshot("a", { at: 1 }));
    before.put(snapshot("b", { at: 2, about: { topic: "t", description: "", pins: [1] } }));
    before.put(snapshot("a", { at: 3, head: 4, entries: messages("a", 2, 4) }));
    await before.settled();
    const loaded = await open().load(ME.id);
    expect(loaded.map(({ key, head }) => [key, head])).toEqual([
      ["a", 4],
      ["b", 3],
    ]);
    expect(loaded[1]?.about.pins).toEqual([1]);
    expect(troubles).toEqual([]);
  });

  it("are for who saw them: another person finds nothing, and leaves nothing", async () => {
    const cache = open();
    cache.put(snapshot("a"));
    expect(await cache.load(ADA.id)).toEqual([]);
    expect(await cache.load(ME.id)).toEqual([]);
  });

  it("are a hundred at most: the others were not looked at for longest", async () => {
    const cache = open();
    for (let at = 0; at < 105; at++) cache.put(snapshot(`room ${at}`, { at }));
    const names = (await cache.load(ME.id)).map(({ name }) => name);
    expect([names.length, names[0], names.at(-1)]).toEqual([100, "room 104", "room 5"]);
    expect((await open().load(ME.id)).length).toBe(100);
  });

  it("go when they are taken out", async () => {
    const cache = open();
    cache.put(snapshot("a"));
    cache.remove("a");
    expect(await cache.load(ME.id)).toEqual([]);
  });

  it("are none where the disk is blocked, and say so", async () => {
    globalThis.indexedDB = {
      open() {
        throw new Error("blocked");
      },
    } as unknown as IDBFactory;
    const heard: unknown[] = [];
    const cache = new RoomCache((error) => void heard.push(error));
    cache.put(snapshot("a"));
    expect(await cache.load(ME.id)).toEqual([]);
    expect(String(heard[0])).toContain("blocked");
  });
});

/** A disk that gives what it has when it is told to. */
async function slow(cache: MemoryCache): Promise<() => void> {
  let load: () => void = () => undefined;
  const waits = new Promise<void>((go) => (load = go));
  const kept = await cache.load(ME.id);
  cache.load = () => waits.then(() => kept);
  return () => load();
}

describe("a page that comes back", () => {
  it("shows a known room at once, and asks only for what it missed", async () => {
    const first = Page.greeted();
    first.joined("lobby", 5);
    first.clock.advance(5_000);
    const { storage, cache, clock } = first;

    const page = new Page({ storage, cache, clock });
    page.start();
    await page.settle();
    const room = page.client.membership.get("lobby");
    expect(room?.timeline.loaded.value).toBe(true);
    expect(room?.ready.value).toBe(true);
    expect(seqs(room?.timeline.entries.value ?? [])).toEqual([1, 2, 3, 4, 5]);

    page.greet();
    const join = page.answerJoin("lobby", { head: 6, entries: [message("lobby", 6)] });
    expect(join.after).toEqual({ epoch: EPOCH, seq: 5 });
    expect(seqs(room?.timeline.entries.value ?? [])).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("knows how far back it had kept a room in which much happened between messages", async () => {
    const first = Page.greeted();
    first.client.membership.enter("lobby");
    const entries = [message("lobby", 7), message("lobby", 900)];
    first.answerJoin("lobby", { head: 900, entries, covers: { from: 5, to: 900 } });
    first.clock.advance(5_000);
    const { storage, cache, clock } = first;
    const page = new Page({ storage, cache, clock });
    page.start();
    await page.settle();
    page.greet();
    page.answerJoin("lobby", { head: 900 });
    const room = page.client.membership.get("lobby");
    if (room === undefined) throw new Error("not kept");
    expect(seqs(room.timeline.entries.value)).toEqual([7, 900]);
    page.client.pager.older(room);
    expect(page.peer.next("history").before).toBe(5);
  });

  it("counts what is unread of a room that it had kept", async () => {
    const first = Page.greeted();
    first.readStates.push({ room: "lobby", read: 2, unread: 3, mentions: 0 });
    first.joined("lobby", 5);
    first.clock.advance(5_000);
    const { storage, cache, clock } = first;
    const page = new Page({ storage, cache, clock });
    page.readStates.push({ room: "lobby", read: 2, unread: 3, mentions: 0 });
    page.start();
    await page.settle();
    const room = page.client.membership.get("lobby");
    expect(room?.read.count.value).toBe(3);
    page.greet();
    page.answerJoin("lobby", { head: 6, entries: [message("lobby", 6)] });
    expect(room?.read.count.value).toBe(4);
  });

  it("lets go of it when the server lost history", async () => {
    const { storage, cache, clock } = ((page) => {
      page.joined("lobby", 5);
      page.clock.advance(5_000);
      return page;
    })(Page.greeted());
    const page = new Page({ storage, cache, clock });
    page.start();
    await page.settle();
    page.greet();
    page.answerJoin("lobby", {
      epoch: OTHER_EPOCH,
      entries: messages("lobby", 1, 2),
      reset: true,
    });
    const room = page.client.membership.get("lobby");
    expect(seqs(room?.timeline.entries.value ?? [])).toEqual([1, 2]);
  });

  it("takes the server's word where that came first", async () => {
    const first = Page.greeted();
    first.joined("lobby", 3);
    first.clock.advance(5_000);
    const { storage, cache, clock } = first;
    const page = new Page({ storage, cache, clock });
    const load = await slow(cache);
    page.start();
    page.greet();
    page.answerJoin("lobby", { head: 9, entries: messages("lobby", 1, 9) });
    load();
    await page.settle();
    const room = page.client.membership.get("lobby");
    expect(room?.timeline.head.value).toBe(9);
  });

  it("shows nothing of what it had kept where that comes after the server was asked", async () => {
    const first = Page.greeted();
    first.joined("lobby", 5);
    first.clock.advance(5_000);
    const { storage, cache, clock } = first;
    const page = new Page({ storage, cache, clock });
    const load = await slow(cache);
    page.start();
    page.greet();
    load();
    await page.settle();
    // Who is led to a message of it would lose it with the answer, which is of the newest alone.
    const room = page.client.membership.get("lobby");
    expect(room?.timeline.loaded.value).toBe(false);
    const join = page.answerJoin("lobby", { entries: messages("lobby", 4, 6) });
    expect(join.after).toBeUndefined();
    expect(seqs(room?.timeline.entries.value ?? [])).toEqual([4, 5, 6]);
  });

  it("keeps nothing of a room that was left, and little of one that is long", () => {
    const first = Page.greeted();
    const lobby = first.joined("lobby", 5);
    first.joined("long", 400);
    first.clock.advance(5_000);
    expect(first.cache.kept.get("long")?.entries.length).toBe(100);
    expect(first.cache.kept.get("long")?.head).toBe(400);
    first.client.leave(lobby);
    expect([...first.cache.kept.keys()]).toEqual(["long"]);
  });

  it("has what happened last also when it goes at once", () => {
    const first = Page.greeted();
    first.joined("lobby", 5);
    first.clock.advance(5_000);
    first.entry(message("lobby", 6));
    first.cacher.flush();
    expect(first.cache.kept.get("lobby")?.head).toBe(6);
  });

  it("keeps few of the entries of a room of long pastes", () => {
    const page = Page.greeted();
    page.client.membership.enter("pastes");
    const long = "x".repeat(16_000);
    const entries = messages("pastes", 1, 50).map((entry) => ({ ...entry, body: long }));
    page.answerJoin("pastes", { entries });
    page.clock.advance(5_000);
    expect(page.cache.kept.get("pastes")?.entries.length).toBe(8);
  });
});

import { describe, expect, it } from "vitest";
import type { RoomInfo } from "../src/protocol/generated";
import { Directory, MAX_LISTED } from "../src/store/directory";
import { Roster } from "../src/store/roster";
import { memoryStorage } from "../src/store/storage";
import { furtherRooms } from "../src/sync/further-rooms";
import { LAPSE_MS, TypingTracker } from "../src/store/typing";
import { message, messages, Page } from "./support/page";
import { ADA, ME, welcome } from "./support/wire";

const BOB = { id: "guest-bob", name: "bob" };

describe("the roster", () => {
  const names = (roster: Roster) => roster.users.value.map((user) => user.name);

  it("lists people by name, whatever their case", () => {
    const roster = new Roster();
    roster.reset({ count: 3, users: [ME, BOB, ADA], complete: true });
    expect(names(roster)).toEqual(["Ada", "bob", "민지"]);
    expect(roster.count.value).toBe(3);
  });

  it("a delta brings, takes and renames", () => {
    const roster = new Roster();
    roster.reset({ count: 2, users: [ME, ADA], complete: true });
    const joined = [{ ...ADA, name: "Ada L." }, BOB];
    roster.change(2, { kind: "delta", joined, left: [ME.id, "never here"] });
    expect(names(roster)).toEqual(["Ada L.", "bob"]);
    expect(roster.count.value).toBe(2);
  });

  it("whoever left and came back in one delta is here", () => {
    const roster = new Roster();
    roster.reset({ count: 1, users: [ADA], complete: true });
    roster.change(1, { kind: "delta", joined: [ADA], left: [ADA.id] });
    expect(names(roster)).toEqual(["Ada"]);
  });

  it("a roster replaces: a sample with a count, and back", () => {
    const roster = new Roster();
    roster.reset({ count: 2, users: [ME, ADA], complete: true });
    roster.change(900, { kind: "roster", users: [BOB], complete: false });
    expect([names(roster), roster.count.value, roster.complete.value]).toEqual([
      ["bob"],
      900,
      false,
    ]);
    roster.change(1, { kind: "roster", users: [ME], complete: true });
    expect([names(roster), roster.count.value, roster.complete.value]).toEqual([["민지"], 1, true]);
  });

  it("a room's presence reaches its own roster only", () => {
    const page = Page.greeted();
    const [a, b] = [page.joined("a", 0), page.joined("b", 0)];
    const change = { kind: "delta", joined: [ADA], left: [] } as const;
    page.say({ type: "presence", room: "a", count: 2, change });
    page.say({ type: "presence", room: "elsewhere", count: 9, change });
    expect(names(a.roster)).toEqual(["Ada", "민지"]);
    expect(names(b.roster)).toEqual(["민지"]);
  });
});

describe("typing", () => {
  it("lapses after six seconds, unless repeated", () => {
    const typing = new TypingTracker();
    typing.heard(ADA, true, 0);
    typing.heard(BOB, true, 3_000);
    expect(typing.nextLapse()).toBe(LAPSE_MS);
    typing.lapse(LAPSE_MS - 1);
    expect(typing.users.value).toEqual([ADA, BOB]);
    typing.heard(BOB, true, LAPSE_MS);
    expect(typing.users.value).toEqual([BOB]);
    expect(typing.nextLapse()).toBe(2 * LAPSE_MS);
    typing.lapse(2 * LAPSE_MS);
    expect(typing.users.value).toEqual([]);
    expect(typing.nextLapse()).toBeNull();
  });

  it("says nothing new when nothing changed", () => {
    const typing = new TypingTracker();
    typing.heard(ADA, true, 0);
    const before = typing.users.value;
    typing.lapse(10);
    expect(typing.users.value).toBe(before);
  });

  it("in a room shows for six seconds, not me, and ends with the message or the person", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 0);
    const tell = (user = ADA, on = true) => page.say({ type: "typing", room: "lobby", user, on });
    const shown = () => room.typing.users.value.map((user) => user.id);
    tell(ME);
    expect(shown()).toEqual([]);
    tell();
    page.clock.advance(6_000);
    expect(shown()).toEqual([ADA.id]);
    page.clock.advance(1);
    expect(shown()).toEqual([]);
    tell();
    tell(ADA, false);
    expect(shown()).toEqual([]);
    tell();
    page.entry(message("lobby", 1));
    expect(shown()).toEqual([]);
    tell();
    const change = { kind: "delta", joined: [], left: [ADA.id] } as const;
    page.say({ type: "presence", room: "lobby", count: 1, change });
    expect(shown()).toEqual([]);
  });

  it("many who type leave no more timers than six seconds hold", () => {
    const page = Page.greeted();
    page.joined("lobby", 0);
    const before = page.clock.timers;
    for (let i = 0; i < 1_000; i++) {
      page.say({ type: "typing", room: "lobby", user: ADA, on: true });
      page.clock.advance(100);
    }
    expect(page.clock.timers - before).toBeLessThan(70);
    page.clock.advance(7_000);
    expect(page.clock.timers).toBeLessThanOrEqual(before);
  });

  it("of mine is told at most every three seconds, and once when it stops", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 0);
    const { typist } = page.client;
    const told = () => page.peer.unread("typing").map((frame) => frame.on);
    typist.stopped();
    for (let i = 0; i < 30; i++) {
      typist.typed(room);
      page.clock.advance(200);
    }
    expect(told()).toEqual([true, true]);
    typist.stopped();
    typist.stopped();
    expect(told()).toEqual([true, true, false]);
    typist.typed(room);
    expect(told()).toEqual([true, true, false, true]);
  });

  it("of mine moves with me from room to room, and stops with the message", () => {
    const page = Page.greeted();
    const [a, b] = [page.joined("a", 0), page.joined("b", 0)];
    const told = () => page.peer.unread("typing").map((frame) => `${frame.room}:${frame.on}`);
    page.client.typist.typed(a);
    page.client.typist.typed(b);
    expect(told()).toEqual(["a:true", "a:false", "b:true"]);
    page.client.send(b, "done");
    expect(told().at(-1)).toBe("b:false");
  });

  it("isn't told to a room that isn't entered", () => {
    const page = Page.greeted();
    const room = page.client.membership.enter("lobby");
    page.client.typist.typed(room);
    expect(page.peer.unread("typing")).toEqual([]);
  });
});

describe("the directory", () => {
  const info = (room: string, active_at: number, members = 1): RoomInfo => ({
    room,
    members,
    head: 0,
    active_at,
  });
  const listed = (rooms: readonly RoomInfo[] | null) => rooms?.map((one) => one.room);

  it("is sorted by activity, and merges what changed", () => {
    const directory = new Directory();
    directory.reset([info("old", 1), info("new", 9), info("mid", 5)], null);
    expect(listed(directory.rooms.value)).toEqual(["new", "mid", "old"]);
    directory.merge([info("old", 10, 4), info("made", 7)]);
    expect(listed(directory.rooms.value)).toEqual(["old", "new", "made", "mid"]);
    expect(directory.rooms.value[0]?.members).toBe(4);
  });

  it("knows a room by its key", () => {
    const directory = new Directory();
    directory.reset([info("Lobby", 1)], null);
    directory.merge([info("LOBBY", 2)]);
    expect(listed(directory.rooms.value)).toEqual(["LOBBY"]);
  });

  it("what changed freshens the search, and adds nothing to it", () => {
    const directory = new Directory();
    directory.found.value = [info("lobby", 1)];
    directory.merge([info("lobby", 2, 7), info("elsewhere", 3)]);
    expect(directory.found.value.map((one) => [one.room, one.members])).toEqual([["lobby", 7]]);
  });

  it("a room that is there no more is listed nowhere, and is not entered", () => {
    const page = Page.greeted();
    const { ref } = page.peer.next("rooms");
    page.say({ type: "rooms", ref, rooms: [info("garden", 2), info("lobby", 1)] });
    const { directory } = page.client;
    directory.find([info("garden", 2)], null);
    const room = page.joined("Garden", 3);
    page.say({ type: "removed", room: "Garden" });
    expect(room.membership.value).toMatchObject({ is: "refused", code: "room_not_found" });
    expect([room.timeline.entries.value, room.roster.count.value]).toEqual([[], 0]);
    page.say({ type: "removed", room: "elsewhere" });
    page.say({ type: "directory", rooms: [], removed: ["Garden"] });
    expect([listed(directory.rooms.value), listed(directory.found.value)]).toEqual([["lobby"], []]);
  });

  it("stays bounded over a day of events", () => {
    const directory = new Directory();
    for (let i = 0; i < 2_000; i += 50) {
      directory.merge(Array.from({ length: 50 }, (_, n) => info(`room ${i + n}`, i + n)));
    }
    expect(directory.rooms.value.length).toBe(MAX_LISTED);
    expect(directory.rooms.value[0]?.room).toBe("room 1999");
  });

  it("a room in which nothing was said comes last, however new it is", () => {
    const directory = new Directory();
    const spoken = (room: string, active_at: number) => ({ ...info(room, active_at), head: 1 });
    directory.reset([info("made", 9), spoken("old", 1), info("first", 5)], null);
    expect(listed(directory.rooms.value)).toEqual(["old", "made", "first"]);
    directory.merge([spoken("first", 10)]);
    expect(listed(directory.rooms.value)).toEqual(["first", "old", "made"]);
  });

  it("goes on page by page, each asked for once, and no room is listed twice", () => {
    const page = Page.greeted();
    const { watcher, directory } = page.client;
    furtherRooms(watcher);
    const { ref } = page.peer.next("rooms");
    page.say({ type: "rooms", ref, rooms: [info("a", 9), info("b", 8)], more: "behind b" });
    expect(directory.more.value).toBe("behind b");
    furtherRooms(watcher);
    furtherRooms(watcher);
    const second = page.peer.next("rooms");
    expect([second.more, second.watch]).toEqual(["behind b", undefined]);
    expect(page.peer.unread("rooms")).toEqual([]);
    // Told meanwhile, and so no news in the page.
    page.say({ type: "directory", rooms: [info("c", 10)] });
    page.say({ type: "rooms", ref: second.ref, rooms: [info("c", 7), info("d", 6)] });
    expect(listed(directory.rooms.value)).toEqual(["c", "a", "b", "d"]);
    expect(directory.more.value).toBeNull();
    furtherRooms(watcher);
    expect(page.peer.unread("rooms")).toEqual([]);
  });

  it("goes on for as many rooms as anybody looks through", () => {
    const page = Page.greeted();
    const { watcher, directory } = page.client;
    const { ref } = page.peer.next("rooms");
    const many = Array.from({ length: MAX_LISTED }, (_, n) => info(`room ${n}`, n + 1));
    page.say({ type: "rooms", ref, rooms: many, more: "behind them" });
    furtherRooms(watcher);
    const rooms = [info("older", 0)];
    page.say({ type: "rooms", ref: page.peer.next("rooms").ref, rooms, more: "on" });
    expect([directory.rooms.value.length, directory.more.value]).toEqual([MAX_LISTED, null]);
  });

  it("what was found goes on too, unless something else is looked for", () => {
    const page = Page.greeted();
    const { watcher, directory } = page.client;
    page.peer.next("rooms");
    const find = (text: string, rooms: RoomInfo[], more: string) => {
      watcher.search(text);
      page.clock.advance(200);
      page.say({ type: "rooms", ref: page.peer.next("rooms").ref, rooms, more });
      furtherRooms(watcher);
      return page.peer.next("rooms");
    };
    const lobby = find("lob", [info("lobby", 9)], "behind lobby");
    expect([lobby.query, lobby.more]).toEqual(["lob", "behind lobby"]);
    page.say({ type: "rooms", ref: lobby.ref, rooms: [info("lobster", 1)], more: "again" });
    expect(listed(directory.found.value)).toEqual(["lobby", "lobster"]);
    furtherRooms(watcher);
    const late = page.peer.next("rooms");
    find("garden", [info("garden", 3)], "behind garden");
    page.say({ type: "rooms", ref: late.ref, rooms: [info("lobelia", 1)] });
    expect(listed(directory.found.value)).toEqual(["garden"]);
    expect(directory.foundMore.value).toBe("behind garden");
  });

  it("is watched from the welcome on, and again on every connection", () => {
    const page = Page.greeted();
    const { ref } = page.peer.next("rooms");
    page.say({ type: "rooms", ref, rooms: [info("a", 1)] });
    page.say({ type: "directory", rooms: [info("b", 2)] });
    expect(listed(page.client.directory.rooms.value)).toEqual(["b", "a"]);
    page.reconnect();
    expect(page.peer.next("rooms")).toMatchObject({ watch: true });
  });

  it("is asked for again when the server was too busy to tell", () => {
    const page = Page.greeted();
    page.refuse(page.peer.next("rooms").ref, "rate_limited", 500);
    expect(page.client.directory.loaded.value).toBe(false);
    page.clock.advance(500);
    page.say({ type: "rooms", ref: page.peer.next("rooms").ref, rooms: [] });
    expect(page.client.directory.loaded.value).toBe(true);
    page.clock.advance(14_000);
    expect(page.peer.unread("rooms")).toEqual([]);
  });

  it("is searched after a pause in typing; an older answer never replaces a newer one", () => {
    const page = Page.greeted();
    page.peer.next("rooms");
    const { watcher, directory } = page.client;
    for (const text of ["l", "lo", "lob"]) watcher.search(text);
    expect(page.peer.unread("rooms")).toEqual([]);
    page.clock.advance(200);
    const first = page.peer.next("rooms");
    expect(first.query).toBe("lob");
    watcher.search("lobby");
    page.clock.advance(200);
    const second = page.peer.next("rooms");
    page.say({ type: "rooms", ref: second.ref, rooms: [info("lobby", 1)] });
    page.say({ type: "rooms", ref: first.ref, rooms: [info("lobster", 1)] });
    expect(listed(directory.found.value)).toEqual(["lobby"]);
    watcher.search("  ");
    expect(directory.found.value).toBeNull();
  });

  it("an answer after the search was cleared counts for nothing", () => {
    const page = Page.greeted();
    page.peer.next("rooms");
    page.client.watcher.search("lob");
    page.clock.advance(200);
    const { ref } = page.peer.next("rooms");
    page.client.watcher.search("");
    page.say({ type: "rooms", ref, rooms: [info("lobby", 1)] });
    expect(page.client.directory.found.value).toBeNull();
  });
});

describe("who I am", () => {
  it("a name makes a guest, and a reload keeps them and their rooms", () => {
    const page = Page.greeted();
    page.joined("lobby", 2);
    const later = new Page({ storage: page.storage });
    later.client.start();
    later.peer.accept();
    expect(later.peer.next("hello")).toEqual({ type: "hello", version: 1, token: "token-1" });
    later.say(welcome(ME, "token-2"));
    later.answerJoin("lobby", { entries: messages("lobby", 1, 2) });
    expect(later.client.identity.user.value).toEqual(ME);
  });

  it("a token that is worth nothing is replaced by the name", () => {
    const first = Page.greeted();
    const page = new Page({ storage: first.storage });
    page.client.start();
    page.peer.accept();
    page.peer.next("hello");
    page.say({ type: "error", code: "invalid_token", message: "expired" });
    expect(page.peer.next("hello")).toEqual({ type: "hello", version: 1, name: ME.name });
  });

  it("a refused name is said to the person, who chooses another", () => {
    const page = new Page();
    page.client.start();
    page.client.setName("admin");
    expect(page.client.naming.value).toBe(true);
    page.peer.accept();
    page.say({ type: "error", code: "invalid_name", message: "reserved" });
    expect(page.client.nameProblem.value?.code).toBe("invalid_name");
    expect(page.client.naming.value).toBe(false);
    expect(page.client.state.value.is).toBe("idle");
    page.client.setName("민지");
    expect(page.client.nameProblem.value).toBeNull();
    page.greet();
    expect(page.client.identity.user.value).toEqual(ME);
  });

  it("a refused rename keeps the person and the connection", () => {
    const page = Page.greeted();
    page.client.setName("admin");
    page.peer.accept();
    expect(page.peer.next("hello")).toMatchObject({ token: "token-1", name: "admin" });
    page.say({ type: "error", code: "invalid_name", message: "reserved" });
    expect(page.peer.next("hello")).toEqual({ type: "hello", version: 1, token: "token-1" });
    expect(page.client.nameProblem.value?.code).toBe("invalid_name");
  });

  it("a name that nobody will answer is given back to the person", () => {
    const page = new Page();
    page.client.start();
    page.client.setName("민지");
    page.peer.accept();
    page.say({ type: "bye", code: "unsupported_version", reason: "speaks 2" });
    expect(page.client.state.value.is).toBe("stopped");
    expect(page.client.naming.value).toBe(false);
    expect(page.client.nameProblem.value?.message).toBe("speaks 2");
  });

  it("a tab that waits for a name takes the one another tab got", () => {
    const storage = memoryStorage();
    const page = new Page({ storage });
    page.client.start();
    expect(page.wire.peers).toEqual([]);
    Page.greeted({ storage });
    page.client.otherTabWrote("identity");
    page.peer.accept();
    expect(page.peer.next("hello")).toMatchObject({ token: "token-1" });
  });

  it("a tab that speaks as somebody else becomes the person whom the browser keeps", () => {
    const page = Page.greeted();
    const other = new Page({ storage: page.storage });
    other.client.identity.welcomed(ADA, "token-ada");
    page.client.otherTabWrote("identity");
    page.peer.accept();
    expect(page.peer.next("hello")).toMatchObject({ token: "token-ada" });
    expect(page.wire.peers.length).toBe(2);
  });

  it("a new token of the same person disturbs nobody", () => {
    const page = Page.greeted();
    new Page({ storage: page.storage }).client.identity.welcomed(ME, "token-2");
    page.client.otherTabWrote("identity");
    expect(page.wire.peers.length).toBe(1);
    expect(page.client.state.value.is).toBe("open");
  });
});

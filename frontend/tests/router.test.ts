import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HashRouter } from "../src/ui/app/hash-router";
import { hashOf, placeInHash } from "../src/ui/context/address";

const NAMES = [
  "lobby",
  "사랑방 2",
  "100% cotton",
  "#1 fans",
  "a/b?c&d=e",
  "हिन्दी",
  "a+b",
  "%25",
  "👍",
];

const ID = "018f3b1c-7c1e-7d20-b6a5-0d2f6c9b4e11";
const roomInHash = (hash: string) => placeInHash(hash)?.room ?? null;

describe("a room in the address", () => {
  it.each(NAMES)("comes back as it went: %s", (name) => {
    expect(roomInHash(hashOf(name))).toBe(name);
    // Also through the browser's own hands.
    const url = new URL(`https://chat.example.org/x/${hashOf(name)}`);
    expect(roomInHash(url.hash)).toBe(name);
    expect(url.pathname).toBe("/x/");
  });

  it("is readable when somebody typed it without encoding", () => {
    expect(roomInHash("#/r/사랑방 2")).toBe("사랑방 2");
  });

  it("is one name, however its letters were composed", () => {
    expect(roomInHash(hashOf("사랑방".normalize("NFD")))).toBe("사랑방");
  });

  it.each(["", "#", "#/", "#/r", "#/r/", "#/other/x", "#/r/%", "#/r/%E0%A4%A", "/r/lobby"])(
    "isn't there in %j",
    (hash) => expect(roomInHash(hash)).toBeNull(),
  );
});

describe("a message in the address", () => {
  it.each(NAMES)("comes back as it went, with its room: %s", (room) => {
    expect(placeInHash(hashOf(room, ID))).toEqual({ room, message: ID });
    expect(placeInHash(hashOf(room, 42))).toEqual({ room, message: 42 });
    expect(placeInHash(hashOf(room))).toEqual({ room, message: null });
  });

  it.each([
    "#/r/lobby/m/0",
    "#/r/lobby/m/-1",
    "#/r/lobby/m/1.5",
    "#/r/lobby/m/99999999999999999",
    "#/r/lobby/m/018f3b1c-7c1e-7d20-b6a5-0d2f6c9b4e1",
    "#/r/lobby/m/018f3b1c-7c1e-7d20-b6a5-0d2f6c9b4e11a",
    "#/r/lobby/m/018f3b1c-7c1e-7d20-b6a5-0d2f6c9b4e1%22",
    "#/r/lobby/m/",
    "#/r/lobby/pins",
  ])("isn't there in %s, and the room is", (hash) =>
    expect(placeInHash(hash)).toEqual({ room: "lobby", message: null }),
  );

  it("may be followed by what this page doesn't know", () => {
    expect(placeInHash("#/r/lobby/m/7/thread")).toEqual({ room: "lobby", message: 7 });
    expect(placeInHash(`#/r/lobby/m/${ID.toUpperCase()}/x`)?.message).toBe(ID);
  });
});

describe("the router", () => {
  const page = { hash: "", pathname: "/chat/", search: "?x=1" };
  const replaced: string[] = [];
  let target: EventTarget;

  beforeEach(() => {
    target = new EventTarget();
    page.hash = hashOf("lobby");
    replaced.length = 0;
    vi.stubGlobal("location", page);
    vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
    vi.stubGlobal("history", {
      replaceState: (_state: unknown, _title: string, url: string) => void replaced.push(url),
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("begins with the address, and follows it: links and back", () => {
    const router = new HashRouter();
    expect(router.room.value).toBe("lobby");
    page.hash = hashOf("사랑방 2");
    target.dispatchEvent(new Event("hashchange"));
    expect(router.room.value).toBe("사랑방 2");
    page.hash = "";
    target.dispatchEvent(new Event("hashchange"));
    expect(router.room.value).toBeNull();
  });

  it("opens a room by an entry in the history, leaves without one", () => {
    const router = new HashRouter();
    router.open("#1 fans");
    expect(page.hash).toBe("#/r/%231%20fans");
    expect(replaced).toEqual([]);
    router.replace(null);
    expect(router.room.value).toBeNull();
    router.replace("lobby");
    expect(router.room.value).toBe("lobby");
    expect(replaced).toEqual(["/chat/?x=1", "#/r/lobby"]);
  });

  it("hands over a message once per visit of its address", () => {
    page.hash = hashOf("lobby", 5);
    const router = new HashRouter();
    expect(router.room.value).toBe("lobby");
    expect(router.message.value).toEqual({ room: "lobby", message: 5 });
    router.message.value = null;
    page.hash = hashOf("사랑방 2", ID);
    target.dispatchEvent(new Event("hashchange"));
    expect(router.room.value).toBe("사랑방 2");
    expect(router.message.value).toEqual({ room: "사랑방 2", message: ID });
  });

  it("forgets a message in the address when the reader goes on, and nothing else", () => {
    page.hash = hashOf("lobby", 5);
    const router = new HashRouter();
    router.leaveMessage();
    expect(replaced).toEqual(["#/r/lobby"]);
    expect(router.message.value).toBeNull();
    page.hash = hashOf("lobby");
    router.leaveMessage();
    expect(replaced.length).toBe(1);
  });
});

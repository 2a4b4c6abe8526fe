import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Drafts } from "../src/store/drafts";
import { Identity } from "../src/store/identity";
import { JoinedRooms } from "../src/store/joined-rooms";
import { browserStorage, getJson, memoryStorage, onOtherTab } from "../src/store/storage";
import type { Storage } from "../src/store/storage";
import { ADA, ME } from "./support/wire";

/** A browser's localStorage, with a bound on what it holds. */
class Disk {
  readonly map = new Map<string, string>();
  room = Infinity;
  blocked = false;
  getItem(key: string) {
    this.guard();
    return this.map.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    this.guard();
    if (value.length > this.room) throw new DOMException("full", "QuotaExceededError");
    this.map.set(key, value);
  }
  removeItem(key: string) {
    this.guard();
    this.map.delete(key);
  }
  private guard() {
    if (this.blocked) throw new DOMException("blocked", "SecurityError");
  }
}

let disk: Disk;
beforeEach(() => {
  disk = new Disk();
  vi.stubGlobal("localStorage", disk);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("browser storage", () => {
  it("keeps under a prefix of its own", () => {
    browserStorage().set("a", "1");
    expect([...disk.map]).toEqual([["maru:a", "1"]]);
    expect(browserStorage().get("a")).toBe("1");
    browserStorage().remove("a");
    expect(disk.map.size).toBe(0);
  });

  it("works until the reload where it is blocked", () => {
    disk.blocked = true;
    const storage = browserStorage();
    storage.set("a", "1");
    expect(storage.get("a")).toBe("1");
    storage.remove("a");
    expect(storage.get("a")).toBeNull();
    expect(browserStorage().get("a")).toBeNull();
  });

  it("when full gives what was written last, not what fitted last", () => {
    const storage = browserStorage();
    storage.set("draft", "short");
    disk.room = 5;
    storage.set("draft", "a longer text");
    expect(storage.get("draft")).toBe("a longer text");
    storage.set("draft", "tiny");
    expect(storage.get("draft")).toBe("tiny");
    disk.room = Infinity;
    storage.set("draft", "a longer text");
    expect(browserStorage().get("draft")).toBe("a longer text");
    expect(storage.get("draft")).toBe("a longer text");
    storage.remove("draft");
    expect(storage.get("draft")).toBeNull();
  });

  it("tells what another tab wrote, of ours only", () => {
    const page = new EventTarget();
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    const keys: string[] = [];
    onOtherTab((key) => void keys.push(key));
    for (const key of ["maru:identity", "other", null]) {
      page.dispatchEvent(Object.assign(new Event("storage"), { key }));
    }
    expect(keys).toEqual(["identity"]);
  });

  it("damaged JSON is as good as none", () => {
    const storage = memoryStorage();
    storage.set("a", "{");
    expect(getJson(storage, "a")).toBeUndefined();
    expect(getJson(storage, "b")).toBeUndefined();
    storage.set("c", "[1]");
    expect(getJson(storage, "c")).toEqual([1]);
  });
});

describe("drafts", () => {
  it("are kept per room, and gone when empty", () => {
    const storage = memoryStorage();
    const drafts = new Drafts(storage);
    drafts.set("a", "half a sen");
    drafts.set("b", "other");
    expect(new Drafts(storage).get("a")).toBe("half a sen");
    drafts.set("a", "");
    expect(drafts.get("a")).toBe("");
    expect(storage.get("draft:a")).toBeNull();
    expect(drafts.get("b")).toBe("other");
  });
});

describe("joined rooms", () => {
  it("survive a reload, once per room, in the order of entering", () => {
    const storage = memoryStorage();
    const rooms = new JoinedRooms(storage);
    for (const name of ["lobby", "사랑방 2", "LOBBY"]) rooms.add(name);
    expect(new JoinedRooms(storage).all()).toEqual(["LOBBY", "사랑방 2"]);
    rooms.remove("lobby");
    expect(new JoinedRooms(storage).all()).toEqual(["사랑방 2"]);
  });

  it("of two tabs add up", () => {
    const storage = memoryStorage();
    const [one, two] = [new JoinedRooms(storage), new JoinedRooms(storage)];
    one.add("a");
    two.add("b");
    one.add("c");
    expect(two.all()).toEqual(["a", "b", "c"]);
  });

  it.each(["{", "7", '{"a":1}', "null"])("damaged are none: %s", (text) => {
    const storage = memoryStorage();
    storage.set("rooms", text);
    expect(new JoinedRooms(storage).all()).toEqual([]);
  });

  it("pass over what is no name", () => {
    const storage = memoryStorage();
    storage.set("rooms", '["a",7,null,{"b":1}]');
    expect(new JoinedRooms(storage).all()).toEqual(["a"]);
  });
});

describe("the identity", () => {
  let storage: Storage;
  beforeEach(() => {
    storage = memoryStorage();
  });

  it("is nobody at first", () => {
    const identity = new Identity(storage);
    expect(identity.credentials()).toBeNull();
    expect(identity.known.value).toBe(false);
  });

  it("is a wanted name, then a token, also after a reload", () => {
    const identity = new Identity(storage);
    identity.want("민지");
    expect(identity.credentials()).toEqual({ name: "민지" });
    identity.welcomed(ME, "token-1");
    expect(identity.credentials()).toEqual({ token: "token-1" });
    const later = new Identity(storage);
    expect(later.credentials()).toEqual({ token: "token-1" });
    expect(later.user.value).toEqual(ME);
  });

  it("renames beside its token, and takes the name back when it is refused", () => {
    const identity = new Identity(storage);
    identity.welcomed(ME, "token-1");
    identity.want("Minji");
    expect(identity.credentials()).toEqual({ token: "token-1", name: "Minji" });
    identity.unwant();
    expect(identity.credentials()).toEqual({ token: "token-1" });
    identity.want("Minji");
    identity.welcomed({ ...ME, name: "Minji" }, "token-2");
    expect(identity.credentials()).toEqual({ token: "token-2" });
    expect(identity.user.value?.name).toBe("Minji");
  });

  it("keeps the name when the token is worth nothing", () => {
    const identity = new Identity(storage);
    identity.welcomed(ME, "token-1");
    identity.dropToken();
    expect(identity.credentials()).toEqual({ name: ME.name });
    expect(identity.user.value).toBeNull();
    expect(new Identity(storage).credentials()).toEqual({ name: ME.name });
    identity.forgetName();
    expect(identity.credentials()).toBeNull();
    expect(identity.known.value).toBe(false);
  });

  it("follows another tab", () => {
    const [one, two] = [new Identity(storage), new Identity(storage)];
    one.welcomed(ADA, "token-9");
    two.reload();
    expect(two.credentials()).toEqual({ token: "token-9" });
    expect(two.user.value).toEqual(ADA);
  });

  it.each(["{", "[]", '"x"', '{"token":7,"user":{"id":1,"name":"x"},"name":[]}', '{"token":""}'])(
    "damaged is nobody: %s",
    (text) => {
      storage.set("identity", text);
      const identity = new Identity(storage);
      expect(identity.credentials()).toBeNull();
      expect(identity.user.value).toBeNull();
    },
  );
});

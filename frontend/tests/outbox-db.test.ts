import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { without } from "../src/protocol/without";
import { browserTabs, OutboxDb } from "../src/store/outbox-db";
import type { Tabs } from "../src/store/outbox-db";
import type { PendingOperation, PendingMessage } from "../src/store/outbox";

const message = (id: string, more: Partial<PendingMessage> = {}): PendingMessage => ({
  kind: "message",
  id,
  room: "Lobby",
  roomKey: "lobby",
  body: `body of ${id}`,
  at: 1,
  delivery: { is: "pending" },
  ...more,
});

/** The tabs of one browser, as its locks would name them. */
class Browser {
  readonly living = new Set<string>();
  readonly troubles: unknown[] = [];
  private readonly waiting = new Map<string, (() => void)[]>();

  tab(mine: string, locks = true): OutboxDb {
    this.living.add(mine);
    const tabs: Tabs = {
      mine,
      living: () => Promise.resolve(locks ? new Set(this.living) : null),
      gone: (tab) =>
        new Promise<void>((tell) => {
          this.waiting.set(tab, [...(this.waiting.get(tab) ?? []), tell]);
        }),
    };
    return new OutboxDb(tabs, (error) => void this.troubles.push(error));
  }

  close(tab: string): void {
    this.living.delete(tab);
    for (const tell of this.waiting.get(tab) ?? []) tell();
    this.waiting.delete(tab);
  }
}

const ids = (messages: PendingOperation[]) => messages.map((one) => one.id).sort();
let browser: Browser;

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  browser = new Browser();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the outbox on disk", () => {
  it("gives back after a reload what was put, as it was", async () => {
    const before = browser.tab("1");
    before.put(message("a"));
    before.put(message("b", { delivery: { is: "failed", code: "invalid_body", message: "no" } }));
    await before.settled();
    browser.close("1");
    const left = await browser.tab("2").adopt();
    expect(left.sort((x, y) => (x.id < y.id ? -1 : 1))).toEqual([
      message("a"),
      message("b", { delivery: { is: "failed", code: "invalid_body", message: "no" } }),
    ]);
    expect(browser.troubles).toEqual([]);
  });

  it("forgets what was removed: a remove never overtakes its put", async () => {
    const tab = browser.tab("1");
    tab.put(message("a"));
    tab.remove("a");
    tab.put(message("b"));
    tab.put(message("b", { delivery: { is: "failed", code: "x", message: "" } }));
    await tab.settled();
    browser.close("1");
    const left = await browser.tab("2").adopt();
    expect(left.map((one) => [one.id, one.delivery.is])).toEqual([["b", "failed"]]);
  });

  it("a tab's messages are its own while it lives", async () => {
    const first = browser.tab("1");
    first.put(message("a"));
    await first.settled();
    const second = browser.tab("2");
    second.put(message("b"));
    expect(await second.adopt()).toEqual([]);
    expect(await first.adopt()).toEqual([]);
  });

  it("what a dead tab left is taken once, by one", async () => {
    const dead = browser.tab("1");
    for (const id of ["a", "b", "c"]) dead.put(message(id));
    await dead.settled();
    browser.close("1");
    const [second, third] = [browser.tab("2"), browser.tab("3")];
    const taken = await Promise.all([second.adopt(), third.adopt(), second.adopt()]);
    expect(ids(taken.flat())).toEqual(["a", "b", "c"]);
    // …and is the taker's own from then on.
    expect(await third.adopt()).toEqual([]);
    browser.close("2");
    browser.close("3");
    expect(ids(await browser.tab("4").adopt())).toEqual(["a", "b", "c"]);
  });

  it("tells when a tab that lived is gone", async () => {
    const first = browser.tab("1");
    first.put(message("a"));
    await first.settled();
    const second = browser.tab("2");
    const told = vi.fn();
    second.abandoned = told;
    await second.adopt();
    await second.adopt();
    expect(told).not.toHaveBeenCalled();
    browser.close("1");
    await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(1));
    expect(ids(await second.adopt())).toEqual(["a"]);
  });

  it("where nobody can say who lives, every tab takes everything", async () => {
    const first = browser.tab("1", false);
    first.put(message("a"));
    await first.settled();
    expect(ids(await browser.tab("2", false).adopt())).toEqual(["a"]);
  });
});

describe("an outbox from before there were changes", () => {
  function old(): Promise<IDBDatabase> {
    return new Promise((opened, failed) => {
      const opening = indexedDB.open("maru", 1);
      opening.onupgradeneeded = () => {
        const store = opening.result.createObjectStore("outbox", { keyPath: "id" });
        store.put({ ...without(message("a"), "kind"), owner: "dead" });
      };
      opening.onsuccess = () => opened(opening.result);
      opening.onerror = () => failed(new Error("it can't be opened"));
    });
  }

  it("keeps what is in it", async () => {
    (await old()).close();
    const tab = browser.tab("1");
    expect(await tab.adopt()).toEqual([message("a")]);
    tab.put({ ...message("b"), kind: "delete", target: 4 });
    await tab.settled();
    browser.close("1");
    const left = await browser.tab("2").adopt();
    expect(left.map((operation) => operation.kind).sort()).toEqual(["delete", "message"]);
  });

  it("waits for the tab that holds it open, and says so", async () => {
    const before = await old();
    const tab = browser.tab("1");
    await vi.waitFor(() => expect(String(browser.troubles)).toContain("older version"));
    tab.put(message("b"));
    before.close();
    await tab.settled();
    expect(ids(await tab.adopt())).toEqual(["a"]);
    browser.close("1");
    expect(ids(await browser.tab("2").adopt())).toEqual(["a", "b"]);
  });
});

describe("without a disk", () => {
  async function works(db: OutboxDb) {
    db.put(message("a"));
    db.remove("a");
    expect(await db.adopt()).toEqual([]);
    await db.settled();
    expect(browser.troubles.length).toBeGreaterThan(0);
  }

  it("(private mode: opening fails) nothing throws", async () => {
    vi.stubGlobal("indexedDB", {
      open() {
        const request = new EventTarget() as EventTarget & { error: Error };
        request.error = new Error("private mode");
        queueMicrotask(() => request.dispatchEvent(new Event("error")));
        return request;
      },
    });
    await works(browser.tab("1"));
  });

  it("(storage blocked: asking throws) nothing throws", async () => {
    vi.stubGlobal("indexedDB", {
      open() {
        throw new DOMException("blocked", "SecurityError");
      },
    });
    await works(browser.tab("1"));
  });

  it("(no IndexedDB at all) nothing throws", async () => {
    vi.stubGlobal("indexedDB", undefined);
    await works(browser.tab("1"));
  });

  it("one failure doesn't stop what comes after it", async () => {
    const tab = browser.tab("1");
    tab.put({ ...message("a"), body: (() => "not cloneable") as unknown as string });
    tab.put(message("b"));
    await tab.settled();
    expect(browser.troubles.length).toBe(1);
    browser.close("1");
    expect(ids(await browser.tab("2").adopt())).toEqual(["b"]);
  });
});

describe("which tabs live", () => {
  /** As much of the Web Locks API as is used. */
  class Locks {
    readonly held = new Set<string>();
    request(name: string, run: () => Promise<unknown> | undefined): Promise<unknown> {
      this.held.add(name);
      return Promise.resolve()
        .then(run)
        .finally(() => this.held.delete(name));
    }
    query() {
      return Promise.resolve({ held: [...this.held, "somebody:else"].map((name) => ({ name })) });
    }
  }

  it("each tab holds a lock of its own name", async () => {
    vi.stubGlobal("navigator", { locks: new Locks() });
    const one = await browserTabs("1");
    await browserTabs("2");
    expect(await one.living()).toEqual(new Set(["1", "2"]));
  });

  it("nobody knows on a page without locks", async () => {
    vi.stubGlobal("navigator", {});
    expect(await (await browserTabs("1")).living()).toBeNull();
  });

  it("nobody knows where locks are refused, and the page starts all the same", async () => {
    vi.stubGlobal("navigator", {
      locks: { request: () => Promise.reject(new DOMException("blocked", "SecurityError")) },
    });
    expect(await (await browserTabs("1")).living()).toBeNull();
  });
});

import { describe, expect, it, vi } from "vitest";
import { LazyOutboxStorage } from "../src/store/lazy-outbox-storage";
import type { PendingOperation } from "../src/store/outbox";
import { MemoryKeep, Page } from "./support/page";

const operation = (id: string): PendingOperation => ({
  kind: "delete",
  id,
  room: "lobby",
  roomKey: "lobby",
  at: 1,
  delivery: { is: "pending" },
  target: 1,
});

describe("a disk that is loaded later", () => {
  it("gets what was asked of it meanwhile, in order", async () => {
    const disk = Object.assign(new MemoryKeep(), { abandoned: () => undefined });
    disk.left = [operation("left")];
    let loaded: (one: typeof disk) => void = () => undefined;
    const keep = new LazyOutboxStorage(() => new Promise((load) => (loaded = load)), vi.fn());
    keep.put(operation("a"));
    keep.put(operation("b"));
    keep.remove("a");
    const adopted = keep.adopt();
    expect(disk.kept.size).toBe(0);
    loaded(disk);
    expect(await adopted).toEqual([operation("left")]);
    expect([...disk.kept.keys()]).toEqual(["b"]);
    const told = vi.fn();
    keep.abandoned = told;
    disk.abandoned();
    expect(told).toHaveBeenCalledOnce();
  });

  it("that can't be loaded stops nothing", async () => {
    const trouble = vi.fn();
    const keep = new LazyOutboxStorage(() => Promise.reject(new Error("offline")), trouble);
    const page = Page.greeted({ keep: keep as unknown as MemoryKeep });
    const room = page.joined("lobby", 0);
    page.client.send(room, "hi");
    expect(page.peer.next("send").body).toBe("hi");
    expect(await keep.adopt()).toEqual([]);
    expect(trouble).toHaveBeenCalledOnce();
  });
});

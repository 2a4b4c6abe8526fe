import { describe, expect, it, vi } from "vitest";
import { LateKeep } from "../src/store/late-keep";
import type { Errand } from "../src/store/outbox";
import { MemoryKeep, Page } from "./support/page";

const errand = (id: string): Errand => ({
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
    disk.left = [errand("left")];
    let loaded: (one: typeof disk) => void = () => undefined;
    const keep = new LateKeep(() => new Promise((load) => (loaded = load)), vi.fn());
    keep.put(errand("a"));
    keep.put(errand("b"));
    keep.remove("a");
    const adopted = keep.adopt();
    expect(disk.kept.size).toBe(0);
    loaded(disk);
    expect(await adopted).toEqual([errand("left")]);
    expect([...disk.kept.keys()]).toEqual(["b"]);
    const told = vi.fn();
    keep.abandoned = told;
    disk.abandoned();
    expect(told).toHaveBeenCalledOnce();
  });

  it("that can't be loaded stops nothing", async () => {
    const trouble = vi.fn();
    const keep = new LateKeep(() => Promise.reject(new Error("offline")), trouble);
    const page = Page.greeted({ keep: keep as unknown as MemoryKeep });
    const room = page.joined("lobby", 0);
    page.client.send(room, "hi");
    expect(page.peer.next("send").body).toBe("hi");
    expect(await keep.adopt()).toEqual([]);
    expect(trouble).toHaveBeenCalledOnce();
  });
});

// A room that gets another name is the same room: nothing of it stays behind under the old one.

import { describe, expect, it } from "vitest";
import { followNames } from "../src/sync/renamed-rooms";
import type { Room } from "../src/store/room";
import { MemoryKeep, message, messages, Page, seqs } from "./support/page";
import { EPOCH } from "./support/wire";

/** What is shown of a room as it goes by another name: the new name, and the key that it had. */
function follows(page: Page): string[] {
  const moved: string[] = [];
  followNames(page.client, (room: Room, from) => void moved.push(`${from} ${room.name.value}`));
  return moved;
}

const bodies = (page: Page) =>
  page.client.outbox.messages.value.map(({ body, room, roomKey, delivery }) => [
    body,
    room,
    roomKey,
    delivery.is,
  ]);

const names = (page: Page) =>
  page.client.membership.rooms.value.map((room) => [room.name.value, room.key]);

describe("a room that gets another name", () => {
  it("goes on by it: entered from where it was, with all that was kept of it", () => {
    const page = Page.greeted();
    const moved = follows(page);
    const room = page.joined("Garden", 3);
    page.client.drafts.set("garden", "half a sen");
    const answered = { seq: 2, id: "m", sender: { id: "u", name: "Ada" }, excerpt: "hello" };
    page.client.drafts.answer("garden", answered);
    page.say({ type: "removed", room: "Garden", renamed_to: "Park" });
    expect(moved).toEqual(["garden Park"]);
    expect(room.membership.value).toEqual({ is: "joining" });
    expect(names(page)).toEqual([["Park", "park"]]);
    expect(page.client.membership.get("garden")).toBeUndefined();
    expect(page.client.membership.get("PARK")).toBe(room);
    expect(seqs(room.timeline.entries.value)).toEqual([1, 2, 3]);
    page.answerUnread();
    const { after } = page.answerJoin("Park", { entries: [message("Park", 4)], head: 4 });
    expect(after).toEqual({ epoch: EPOCH, seq: 3 });
    expect(room.membership.value).toEqual({ is: "joined" });
    expect(seqs(room.timeline.entries.value)).toEqual([1, 2, 3, 4]);
    expect([page.client.drafts.get("garden"), page.client.drafts.get("park")]).toEqual([
      "",
      "half a sen",
    ]);
    expect(page.client.drafts.answered("garden")).toBeNull();
    expect(page.client.drafts.answered("park")).toEqual(answered);
    page.say({ type: "entry", ...message("Park", 5) });
    expect(seqs(room.timeline.entries.value)).toEqual([1, 2, 3, 4, 5]);
    // A reload enters it by its new name, and shows how far it was read.
    expect([page.storage.get("rooms"), page.storage.get("read:garden")]).toEqual([
      '["Park"]',
      null,
    ]);
    room.read.mark(5);
    expect(JSON.parse(page.storage.get("read:park") ?? "")).toMatchObject({ seq: 5 });
  });

  it("is told to who joins it by the name that this browser kept", () => {
    const before = Page.greeted();
    before.joined("lobby", 1);
    before.joined("garden", 3);
    before.joined("yard", 1);
    const page = Page.greeted({ storage: before.storage });
    const moved = follows(page);
    page.answerUnread();
    page.answerJoin("lobby", { entries: messages("lobby", 1, 1) });
    const { ref } = page.peer.next("join");
    page.say({ type: "error", ref, code: "room_renamed", message: "it is", renamed_to: "park" });
    expect(moved).toEqual(["garden park"]);
    // In its place.
    expect(names(page).map(([name]) => name)).toEqual(["lobby", "park", "yard"]);
    expect(page.storage.get("rooms")).toBe('["lobby","park","yard"]');
    page.answerJoin("yard", { entries: messages("yard", 1, 1) });
    // How far it was read is asked anew: the old name had no answer.
    page.readStates.push({ room: "park", read: 2, unread: 1, mentions: 0 });
    page.answerJoin("park", { entries: messages("park", 1, 3) });
    const room = page.client.membership.get("park");
    expect([room?.read.seq.value, room?.read.count.value]).toEqual([3, 0]);
  });

  it("doesn't take for read what a first visit by the old name was not told of", () => {
    const page = Page.greeted();
    follows(page);
    const room = page.client.membership.enter("garden");
    page.answerUnread();
    const { ref } = page.peer.next("join");
    page.say({ type: "error", ref, code: "room_renamed", message: "it is", renamed_to: "park" });
    page.readStates.push({ room: "park", read: 1, unread: 2, mentions: 0 });
    page.answerJoin("park", { entries: messages("park", 1, 3) });
    expect([room.read.seq.value, room.read.count.value]).toEqual([1, 2]);
    expect(page.peer.unread("read")).toEqual([]);
  });

  it("gets what was written and not sent, once and in its order", () => {
    const page = Page.greeted();
    follows(page);
    const room = page.joined("garden", 3);
    page.client.send(room, "one");
    page.client.send(room, "two");
    const first = page.peer.next("send");
    page.say({ type: "removed", room: "garden", renamed_to: "park" });
    page.say({
      type: "error",
      ref: first.ref,
      code: "room_renamed",
      message: "it is",
      renamed_to: "park",
    });
    expect(bodies(page)).toEqual([
      ["one", "park", "park", "pending"],
      ["two", "park", "park", "pending"],
    ]);
    expect([...page.keep.kept.values()].map((kept) => kept.roomKey)).toEqual(["park", "park"]);
    page.answerJoin("park", { head: 3 });
    for (const [body, seq] of [
      ["one", 4],
      ["two", 5],
    ] as const) {
      const { ref, id, room: to, body: said } = page.peer.next("send");
      expect([to, said]).toEqual(["park", body]);
      if (seq === 4) expect(id).toBe(first.id);
      page.say({ type: "sent", ref, room: "park", id, seq, at: 1 });
      page.say({ type: "entry", ...message("park", seq, { id, body }) });
    }
    expect(page.peer.unread("join")).toEqual([]);
    expect([page.client.outbox.messages.value, page.keep.kept.size]).toEqual([[], 0]);
  });

  it("gets what a closed tab left under the old name, also later", async () => {
    const left = new MemoryKeep();
    const other = Page.greeted({ keep: left });
    const there = other.joined("garden", 3);
    other.peer.drop();
    other.client.send(there, "from a closed tab");
    const page = Page.greeted();
    follows(page);
    page.joined("garden", 3);
    page.say({ type: "removed", room: "garden", renamed_to: "park" });
    page.answerJoin("park", { head: 3 });
    page.keep.left = [...left.kept.values()];
    page.client.adopt();
    await page.settle();
    expect(page.peer.next("send")).toMatchObject({ room: "park", body: "from a closed tab" });
  });

  it("takes the place of a room that was entered by the new name already", () => {
    const page = Page.greeted();
    const moved = follows(page);
    const garden = page.client.membership.enter("garden");
    const { ref } = page.peer.next("join");
    const park = page.joined("park", 3);
    page.client.drafts.set("garden", "old");
    page.client.drafts.set("park", "new");
    page.client.send(garden, "waits");
    page.say({ type: "error", ref, code: "room_renamed", message: "it is", renamed_to: "park" });
    expect(moved).toEqual(["garden park"]);
    expect([names(page), page.client.membership.get("park")]).toEqual([[["park", "park"]], park]);
    expect(page.client.drafts.get("park")).toBe("new\nold");
    expect(bodies(page)).toEqual([["waits", "park", "park", "pending"]]);
  });

  it("is entered at once, although it was just asked for by the old name", () => {
    const page = Page.greeted();
    follows(page);
    const room = page.joined("garden", 3);
    // A gap.
    page.say({ type: "entry", ...message("garden", 7) });
    const { ref } = page.peer.next("join");
    page.say({ type: "removed", room: "garden", renamed_to: "park" });
    page.say({ type: "error", ref, code: "room_renamed", message: "it is", renamed_to: "park" });
    page.answerJoin("park", { entries: messages("park", 4, 7) });
    expect(seqs(room.timeline.entries.value)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect([page.peer.unread("join").length, room.membership.value.is]).toEqual([1, "joined"]);
  });

  it("may be spelled anew, and be renamed back", () => {
    const page = Page.greeted();
    follows(page);
    const room = page.joined("garden", 3);
    for (const [from, to] of [
      ["garden", "GARDEN"],
      ["GARDEN", "park"],
      ["park", "garden"],
    ] as const) {
      page.say({ type: "removed", room: from, renamed_to: to });
      page.answerJoin(to, { head: 3 });
      expect([room.name.value, room.membership.value.is]).toEqual([to, "joined"]);
      expect(page.client.membership.get(to)).toBe(room);
    }
    expect(page.client.membership.get("park")).toBeUndefined();
    expect(page.storage.get("rooms")).toBe('["garden"]');
  });

  it("waits with what is written in it until the page knows how to follow it", () => {
    const page = Page.greeted();
    const room = page.joined("garden", 3);
    page.say({ type: "removed", room: "garden", renamed_to: "park" });
    page.client.send(room, "meanwhile");
    const renamed = { type: "error", code: "room_renamed", message: "it is", renamed_to: "park" };
    page.say({ ...renamed, ref: page.peer.next("send").ref });
    page.say({ ...renamed, ref: page.peer.next("join").ref });
    expect(room.membership.value).toEqual({ is: "joining" });
    expect(bodies(page)).toEqual([["meanwhile", "garden", "garden", "pending"]]);
    expect(seqs(room.timeline.entries.value)).toEqual([1, 2, 3]);
    follows(page);
    page.answerJoin("park", { head: 3 });
    expect(page.peer.next("send")).toMatchObject({ room: "park", body: "meanwhile" });
  });

  it("is kept by its new name, and no more by the old one", () => {
    const page = Page.greeted();
    follows(page);
    page.joined("garden", 3);
    page.clock.advance(5_000);
    expect([...page.cache.kept.keys()]).toEqual(["garden"]);
    page.say({ type: "removed", room: "garden", renamed_to: "park" });
    expect([...page.cache.kept.values()].map(({ key, name, head }) => [key, name, head])).toEqual([
      ["park", "park", 3],
    ]);
  });
});

// Rooms that get another name: what this browser keeps under the old one moves to the new one, and the room
// is entered by it. It is the same room: its messages and what was read of it stay.
//
// Rare, so it comes after the first page. A room waits until then, and so does whatever is written in it.

import { batch, effect, untracked } from "@preact/signals-core";
import { roomKey } from "../protocol/rules";
import { KEY } from "../store/joined-rooms";
import type { Room } from "../store/room";
import type { Client } from "./client";

/** Most former names that are remembered, for what other tabs left under them. */
const MOST_FORMER = 100;

/** Follows until the page goes. `moved` hears by which key the room was known, and its name then. */
export function followNames(
  client: Client,
  moved: (room: Room, from: string, name: string) => void,
): void {
  const { membership, outbox } = client;
  /** The keys that rooms are known by now, by those that they had. */
  const former = new Map<string, string>();
  effect(() => {
    for (const room of membership.rooms.value) {
      const to = room.renamedTo.value;
      if (to === undefined) continue;
      untracked(() =>
        batch(() => {
          const [from, name] = [room.key, room.name.value];
          const now = move(client, room, to);
          remember(former, from, now.key);
          moved(now, from, name);
        }),
      );
    }
  });
  // What a closed tab left is taken over at any time, also after its room went by another name here.
  effect(() => {
    for (const { roomKey: key } of outbox.all.value) {
      const to = former.get(key);
      const room = to === undefined ? undefined : membership.get(to);
      if (room !== undefined && membership.get(key) === undefined) {
        untracked(() => moveOperations(client, key, room));
      }
    }
  });
}

function remember(former: Map<string, string>, from: string, to: string): void {
  former.delete(to);
  for (const [key, now] of former) if (now === from) former.set(key, to);
  if (from !== to) former.set(from, to);
  const [oldest] = former.keys();
  if (former.size > MOST_FORMER && oldest !== undefined) former.delete(oldest);
}

/** The room by its new name: this one, or another one that was entered by it already. */
function move(client: Client, room: Room, to: string): Room {
  const { membership, reader } = client;
  const [from, key] = [room.key, roomKey(to)];
  const there = membership.get(to);
  room.renamedTo.value = undefined;
  listed(client, from, to);
  if (there !== undefined && there !== room) {
    membership.drop(room);
    // What is written in its box just now is kept there.
    room.key = key;
    moveKept(client, from, there);
    return there;
  }
  rekey(client, room, key);
  room.name.value = to;
  if (from !== key) moveKept(client, from, room);
  membership.rooms.value = [...membership.rooms.value];
  // What was asked of the old name is no answer about this one.
  room.read.lost();
  reader.forget(room);
  membership.forgetAsking(room);
  room.membership.value = { is: "joining" };
  membership.join(room);
  return room;
}

/** What finds the room finds it by this key. */
function rekey({ membership }: Client, room: Room, key: string): void {
  for (const [known, other] of membership.byKey) {
    if (other === room) membership.byKey.delete(known);
  }
  membership.byKey.set(key, room);
  const { storage } = membership.kept;
  const [before, after] = [`read:${room.key}`, `read:${key}`];
  const read = storage.get(before);
  // Another tab may have been here first.
  if (before !== after && read !== null) {
    storage.set(after, read);
    storage.remove(before);
  }
  room.read.key = after;
  room.key = key;
}

/** The new name takes the place of the old one among the rooms to be entered after a reload. */
function listed({ membership: { kept } }: Client, from: string, to: string): void {
  const names = kept.all();
  const at = names.findIndex((name) => roomKey(name) === from);
  if (at < 0) return;
  names[at] = to;
  const rest = names.filter((name, i) => i === at || roomKey(name) !== roomKey(to));
  kept.storage.set(KEY, JSON.stringify(rest));
}

/** What was written and not sent goes along. */
function moveKept(client: Client, from: string, room: Room): void {
  const { drafts, uploads } = client;
  const texts = [drafts.get(room.key), drafts.get(from)].filter((text) => text !== "");
  drafts.set(room.key, texts.join("\n"));
  drafts.set(from, "");
  const answered = drafts.answered(from);
  if (answered !== null && drafts.answered(room.key) === null) drafts.answer(room.key, answered);
  drafts.answer(from, null);
  const [name, { key }] = [room.name.value, room];
  uploads.all.value = uploads.all.value.map((one) =>
    one.roomKey === from ? { ...one, room: name, roomKey: key } : one,
  );
  moveOperations(client, from, room);
}

function moveOperations({ outbox }: Client, from: string, room: Room): void {
  const moved = outbox.in(from);
  if (moved.length === 0) return;
  const [name, { key }] = [room.name.value, room];
  outbox.all.value = outbox.all.value.map((operation) =>
    operation.roomKey === from ? { ...operation, room: name, roomKey: key } : operation,
  );
  // What was acknowledged is not kept any more.
  for (const { id } of moved) {
    const now = outbox.get(id);
    if (now !== undefined && now.delivery.is !== "sent") outbox.keep.put(now);
  }
}

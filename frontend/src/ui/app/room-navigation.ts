// Where a person can go by a key, and what that does to the room they are in.

import { roomKey } from "../../protocol/rules";
import type { Room } from "../../store/room";
import type { App } from "../context/app-context";
import { myRooms } from "../../store/room";

/** The room before or after the open one, in the order of the list and around its ends. */
export function neighbour(app: App, step: 1 | -1, unreadOnly: boolean): Room | null {
  const rooms = myRooms(app.client.membership.rooms.value);
  const open = app.router.room.value;
  const at = open === null ? -1 : rooms.findIndex((room) => room.key === roomKey(open));
  const start = at < 0 && step < 0 ? rooms.length : at;
  for (let n = 1; n <= rooms.length; n++) {
    const room = rooms[(start + step * n + rooms.length * 2) % rooms.length];
    if (room === undefined || rooms.indexOf(room) === at) continue;
    if (!unreadOnly || room.read.count.value > 0) return room;
  }
  return null;
}

export function openRoom(app: App, room: Room | null): boolean {
  if (room === null) return false;
  app.router.open(room.name.value);
  return true;
}

/** Everything in the open room is read, and its newest message on screen. */
export function markRead(app: App): boolean {
  const { client, router, views } = app;
  const room = router.room.value === null ? undefined : client.membership.get(router.room.value);
  if (room?.membership.value.is !== "joined") return false;
  const view = views.of(room.key);
  view.divider.clear();
  room.read.mark(room.timeline.head.value);
  // As after writing: the reader wants to be at the newest.
  view.written.value += 1;
  return true;
}

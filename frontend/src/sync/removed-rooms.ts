import { roomKey } from "../protocol/rules";
import type { Directory } from "../store/directory";
import type { Room } from "../store/room";
import type { Membership } from "./membership";

/** The room is there no more, and nothing of it is kept. */
export function removeRoom(membership: Membership, room: Room): void {
  membership.forgetAsking(room);
  room.typing.clear();
  const before = room.timeline.position();
  const nothing = { entries: [], covers: { from: 1, to: 0 } };
  if (before !== null) room.timeline.reset(before.epoch, 0, nothing);
  room.timeline.forget();
  room.roster.reset({ count: 0, users: [], complete: true });
  room.membership.value = { is: "refused", code: "room_not_found", message: "removed" };
}

/** These are listed no more. */
export function unlist(directory: Directory, names: readonly string[]): void {
  const gone = new Set(names.map(roomKey));
  for (const list of [directory.rooms, directory.found]) {
    if (list.value !== null)
      list.value = list.value.filter((info) => !gone.has(roomKey(info.room)));
  }
}

import type { Room } from "../../store/room";

/** Mine: what is joined or being joined; a refused one only while it is on screen. */
export function myRooms(rooms: readonly Room[]): Room[] {
  return rooms.filter((room) => {
    const membership = room.membership.value;
    return membership.is !== "refused" || membership.code !== "room_not_found";
  });
}

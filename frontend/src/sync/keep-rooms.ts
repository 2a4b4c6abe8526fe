import type { Clock } from "../connection/ports";
import { RoomCache } from "../store/room-cache";
import { Cacher } from "./cacher";
import type { Client } from "./client";

/** Shows the rooms as this browser kept them, and keeps them from now on. Not needed to begin. */
export function keepRooms(client: Client, clock: Clock, trouble: (error: unknown) => void): void {
  const user = () => client.identity.user.value?.id ?? null;
  const cacher = new Cacher(clock, client.membership.rooms, user, new RoomCache(trouble));
  cacher.start();
  // The page may be gone at any moment from then on.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") cacher.flush();
  });
}

import { effect } from "@preact/signals-core";
import type { Clock } from "../connection/ports";
import { RoomCache } from "../store/room-cache";
import { RoomCacheWriter } from "./room-cache-writer";
import type { Client } from "./client";

/** Shows the rooms as this browser kept them, and keeps them from now on. Not needed to begin. */
export function cacheRooms(client: Client, clock: Clock, trouble: (error: unknown) => void): void {
  const user = () => client.identity.user.value?.id ?? null;
  const cacher = new RoomCacheWriter(clock, client.membership.rooms, user, new RoomCache(trouble));
  cacher.start();
  // Until there is a connection again, what is kept is all that a reload shows. And WebKit writes
  // nothing any more of what a page wants kept as it goes.
  effect(() => {
    if (client.state.value.is !== "open") cacher.flush();
  });
  // The page may be gone at any moment from then on.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") cacher.flush();
  });
}

import type { RoomInfo } from "../protocol/generated";
import { roomKey } from "../protocol/rules";
import { latestFirst, MAX_LISTED } from "../store/directory";
import type { DirectoryWatcher } from "./directory-watcher";

/** The next page of what is listed: of what was found, or of all rooms. */
export function furtherRooms(watcher: DirectoryWatcher): void {
  const { directory, query, latest } = watcher;
  const searching = directory.found.value !== null;
  const [rooms, next] = searching
    ? [directory.found, directory.foundMore]
    : [directory.rooms, directory.more];
  const more = next.value;
  if (more === null || more === watcher.extending) return;
  watcher.extending = more;
  const request = { type: "rooms", more, ...(searching ? { query } : {}) } as const;
  watcher.link.connection.request(request, (outcome) => {
    // What was listed anew meanwhile goes on elsewhere.
    if (watcher.extending !== more) return;
    watcher.extending = null;
    if (!outcome.ok || (searching && latest !== watcher.latest)) return;
    rooms.value = added(rooms.value ?? [], outcome.frame.rooms);
    next.value = rooms.value.length < MAX_LISTED ? (outcome.frame.more ?? null) : null;
  });
}

/** What changed meanwhile has been told: nothing is listed twice. */
function added(listed: readonly RoomInfo[], page: readonly RoomInfo[]): RoomInfo[] {
  const known = new Set(listed.map((info) => roomKey(info.room)));
  const fresh = page.filter((info) => !known.has(roomKey(info.room)));
  return [...listed, ...fresh].sort(latestFirst).slice(0, MAX_LISTED);
}

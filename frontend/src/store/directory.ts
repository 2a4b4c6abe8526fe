import { signal } from "@preact/signals-core";
import type { RoomInfo } from "../protocol/generated";
import { roomKey } from "../protocol/rules";

/** More than anybody looks through, bounded against a day of events. */
export const MAX_LISTED = 1_000;

/** The rooms that exist, the latest active first. */
export class Directory {
  readonly rooms = signal<readonly RoomInfo[]>([]);
  /** Whether the server answered at least once. */
  readonly loaded = signal(false);
  /** The answer to the search, null without one. */
  readonly found = signal<readonly RoomInfo[] | null>(null);
  /** Where the rooms, or what was found, go on; null at the end. */
  readonly more = signal<string | null>(null);
  readonly foundMore = signal<string | null>(null);

  reset(rooms: readonly RoomInfo[], more: string | null): void {
    this.rooms.value = [...rooms].sort(latestFirst);
    this.more.value = more;
    this.loaded.value = true;
  }

  /** What the search found; null for no search. */
  find(rooms: readonly RoomInfo[] | null, more: string | null): void {
    this.found.value = rooms;
    this.foundMore.value = more;
  }

  merge(changed: readonly RoomInfo[]): void {
    this.rooms.value = patched(this.rooms.value, changed, true).slice(0, MAX_LISTED);
    const found = this.found.value;
    if (found !== null) this.found.value = patched(found, changed, false);
  }
}

function patched(
  rooms: readonly RoomInfo[],
  changed: readonly RoomInfo[],
  insert: boolean,
): RoomInfo[] {
  const byKey = new Map(rooms.map((info) => [roomKey(info.room), info]));
  for (const info of changed) {
    const key = roomKey(info.room);
    if (insert || byKey.has(key)) byKey.set(key, info);
  }
  return [...byKey.values()].sort(latestFirst);
}

/** As they are listed. */
export function latestFirst(a: RoomInfo, b: RoomInfo): number {
  // As the server does: whoever makes rooms pushes none off in which somebody said something.
  const spoken = Number(b.head > 0) - Number(a.head > 0);
  return spoken || b.active_at - a.active_at || (a.room < b.room ? -1 : 1);
}

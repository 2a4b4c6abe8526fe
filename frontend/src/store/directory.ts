import { signal } from "@preact/signals-core";
import type { RoomInfo } from "../protocol/generated";
import { roomKey } from "../protocol/rules";

/** More than the server tells at once (100), bounded against a day of events. */
const MAX_LISTED = 300;

/** The rooms that exist, the latest active first. */
export class Directory {
  readonly rooms = signal<readonly RoomInfo[]>([]);
  /** Whether the server answered at least once. */
  readonly loaded = signal(false);
  /** The answer to the search, null without one. */
  readonly found = signal<readonly RoomInfo[] | null>(null);

  reset(rooms: readonly RoomInfo[]): void {
    this.rooms.value = [...rooms].sort(latestFirst);
    this.loaded.value = true;
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

function latestFirst(a: RoomInfo, b: RoomInfo): number {
  return b.active_at - a.active_at || (a.room < b.room ? -1 : 1);
}

import { computed, effect } from "@preact/signals-core";
import type { ReadonlySignal } from "@preact/signals-core";
import type { Clock, Timer } from "../connection/ports";
import type { Cache, Snapshot } from "../store/room-cache";
import type { Room } from "../store/room";
import type { Timeline } from "../store/timeline";

/** A room in which something happened is kept this much later: a burst is written once. */
const GATHER_MS = 5_000;
/** Most entries kept of a room: what a page shows before anybody scrolls, twice. */
const MOST_ENTRIES = 100;
/** Most characters of text kept of a room, beside the number above: a room of long pastes. */
const MOST_TEXT = 128 * 1024;

/** Keeps what is seen of the rooms, and gives it back after a reload. */
export class RoomCacheWriter {
  private readonly watched = new Map<Room, () => void>();
  /** By which keys they are kept. */
  private readonly keys = new Map<Room, string>();
  private readonly due = new Map<Room, Timer>();

  constructor(
    private readonly clock: Clock,
    private readonly rooms: ReadonlySignal<readonly Room[]>,
    private readonly user: () => string | null,
    private readonly cache: Cache,
  ) {}

  /** Shows what was kept, wherever the server has not answered first, and keeps from now on. */
  start(): void {
    const user = this.user();
    if (user !== null) {
      void this.cache.load(user).then((snapshots) => {
        for (const snapshot of snapshots) this.restore(snapshot);
      });
    }
    effect(() => this.watch(this.rooms.value));
  }

  /** The page may go at any moment: what is due is kept now. */
  flush(): void {
    for (const room of [...this.due.keys()]) this.keep(room);
  }

  private restore(snapshot: Snapshot): void {
    const { key } = snapshot;
    const room = this.rooms.value.find((each) => each.key === key);
    // Left in another tab meanwhile.
    if (room === undefined) this.cache.remove(key);
    else room.restore(snapshot);
  }

  private watch(rooms: readonly Room[]): void {
    for (const [room, stop] of this.watched) {
      if (rooms.includes(room)) continue;
      stop();
      this.watched.delete(room);
      this.due.get(room)?.cancel();
      this.due.delete(room);
      this.keys.delete(room);
      this.cache.remove(room.key);
    }
    for (const room of rooms) {
      this.known(room);
      if (this.watched.has(room)) continue;
      const { entries, head } = room.timeline;
      const seen = computed(() => [entries.value, head.value, room.about.now.value]);
      this.watched.set(
        room,
        seen.subscribe(() => this.soon(room)),
      );
    }
  }

  /** A room that has another name is kept by that, and no more by the one that it had. */
  private known(room: Room): void {
    const before = this.keys.get(room);
    this.keys.set(room, room.key);
    if (before === undefined || before === room.key) return;
    this.keep(room);
    this.cache.remove(before);
  }

  private soon(room: Room): void {
    if (this.due.has(room)) return;
    this.due.set(
      room,
      this.clock.after(GATHER_MS, () => this.keep(room)),
    );
  }

  private keep(room: Room): void {
    this.due.get(room)?.cancel();
    this.due.delete(room);
    const { epoch, head, loaded, atHead } = room.timeline;
    const user = this.user();
    // What is far up in the past is no beginning for the next visit.
    if (epoch === null || user === null || !loaded.value || !atHead.value) return;
    this.cache.put({
      key: room.key,
      user,
      name: room.name.value,
      epoch,
      head: head.value,
      about: room.about.now.value,
      ...newest(room.timeline),
      at: this.clock.now(),
    });
  }
}

/** The newest entries, within the bounds. */
function newest(timeline: Timeline): Pick<Snapshot, "from" | "entries"> {
  const entries = timeline.entries.value;
  let text = 0;
  let first = entries.length;
  while (first > 0 && entries.length - first < MOST_ENTRIES) {
    const entry = entries[first - 1];
    if (entry?.kind === "message") text += entry.body?.length ?? 0;
    if (text > MOST_TEXT) break;
    first -= 1;
  }
  const last = entries[first - 1];
  return {
    from: last === undefined ? timeline.oldest : last.seq + 1,
    entries: entries.slice(first),
  };
}

// What was last seen of each room, on disk (IndexedDB): a known room is painted from it at once, and
// the server is asked only for what came since. It may be lost at any time, and nothing with it: the
// server has everything. A database of its own, so that the outbox never suffers from it.

import type { DBSchema, OpenDBCallbacks } from "idb";
import type { LogEntry } from "../protocol/frames";
import type { About, Epoch, RoomName, Seq, UserId } from "../protocol/generated";
import { Disk } from "./disk";

/** A room as it was left. */
export interface Snapshot {
  key: string;
  /** Who saw it: a browser may change hands. */
  user: UserId;
  name: RoomName;
  epoch: Epoch;
  head: Seq;
  about: About;
  /** The oldest seq that the entries speak of, up to `head`. */
  from: Seq;
  /** Ascending. */
  entries: readonly LogEntry[];
  /** When, for who goes first when there are too many. */
  at: number;
}

export interface Cache {
  /** Everything of this person; what is of anybody else goes. */
  load(user: UserId): Promise<Snapshot[]>;
  put(snapshot: Snapshot): void;
  remove(key: string): void;
}

/** Most rooms kept: as many as a server lets one be in, unless it was told otherwise. */
const MOST_ROOMS = 100;

/** Raised when what is kept changes its form: what an older page kept is dropped then. */
const VERSION = 2;

interface Schema extends DBSchema {
  rooms: { key: string; value: Snapshot };
}

export class RoomCache implements Cache {
  private readonly disk: Disk<Schema>;
  private readonly waiting = new Map<string, Snapshot>();

  /** `trouble` hears of a disk that can't keep: full, blocked, private mode. */
  constructor(trouble: (error: unknown) => void, name = "maru-cache") {
    const callbacks: OpenDBCallbacks<Schema> = {
      upgrade(db) {
        if (db.objectStoreNames.contains("rooms")) db.deleteObjectStore("rooms");
        db.createObjectStore("rooms", { keyPath: "key" });
      },
    };
    this.disk = new Disk(name, VERSION, callbacks, trouble);
  }

  async load(user: UserId): Promise<Snapshot[]> {
    const mine: Snapshot[] = [];
    await this.disk.run(async (db) => {
      const tx = db.transaction("rooms", "readwrite");
      const all = (await tx.store.getAll()).sort((a, b) => b.at - a.at);
      for (const snapshot of all) {
        if (snapshot.user === user && mine.length < MOST_ROOMS) mine.push(snapshot);
        else await tx.store.delete(snapshot.key);
      }
      await tx.done;
    });
    return mine;
  }

  /** Of a room that waits for a slow disk, only what came last is written. */
  put(snapshot: Snapshot): void {
    const { key } = snapshot;
    const waits = this.waiting.has(key);
    this.waiting.set(key, snapshot);
    if (waits) return;
    void this.disk.put("rooms", () => {
      const last = this.waiting.get(key);
      this.waiting.delete(key);
      return last;
    });
  }

  remove(key: string): void {
    this.waiting.delete(key);
    void this.disk.run((db) => db.delete("rooms", key));
  }

  /** Everything asked for so far is on disk (or failed). */
  async settled(): Promise<void> {
    await this.disk.settled();
  }
}

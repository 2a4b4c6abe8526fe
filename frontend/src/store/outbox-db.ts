// The outbox on disk (IndexedDB), and which tab owns what of it.
//
// Every tab holds a Web Lock of its own name while it lives. What a tab wrote is its own to send;
// what a dead tab left is adopted by the next one that looks. Where there are no locks (a page over
// plain http) every tab takes everything: a double send is harmless, the server knows the id.

import type { DBSchema, IDBPDatabase, IDBPTransaction, OpenDBCallbacks } from "idb";
import { without } from "../protocol/without";
import { Disk } from "./disk";
import type { PendingOperation, OutboxStorage } from "./outbox";

type Kept = PendingOperation & { owner: string };

interface Schema extends DBSchema {
  outbox: { key: string; value: Kept };
}

/** Which tabs live. `null` when nobody can say. */
export interface Tabs {
  mine: string;
  living(): Promise<ReadonlySet<string> | null>;
  /** Settles when that tab doesn't live any more. Absent where nobody can say. */
  gone?(tab: string): Promise<unknown>;
}

/**
 * 2: changes beside messages. A page that only knows messages can't open it: it would send an edit
 * as a message.
 */
const VERSION = 2;
const LOCK_PREFIX = "maru:tab:";

/** Holds this tab's lock from now until the page goes. */
export async function browserTabs(mine: string): Promise<Tabs> {
  const locks = (navigator as { locks?: LockManager }).locks;
  if (locks === undefined) return { mine, living: () => Promise.resolve(null) };
  const held = await new Promise<boolean>((tell) => {
    const forever = locks.request(LOCK_PREFIX + mine, () => {
      tell(true);
      return new Promise<never>(() => undefined);
    });
    // Refused where the browser blocks a site's storage.
    forever.catch(() => tell(false));
  });
  if (!held) return { mine, living: () => Promise.resolve(null) };
  return {
    mine,
    async living() {
      const names = ((await locks.query()).held ?? []).map((lock) => lock.name ?? "");
      return new Set(
        names.filter((n) => n.startsWith(LOCK_PREFIX)).map((n) => n.slice(LOCK_PREFIX.length)),
      );
    },
    gone: (tab) => locks.request(LOCK_PREFIX + tab, () => undefined),
  };
}

export class OutboxDb implements OutboxStorage {
  private readonly disk: Disk<Schema>;
  private readonly watched = new Set<string>();
  /** A tab that lived at the last `adopt` is gone: there may be something to adopt. */
  abandoned: () => void = () => undefined;

  /** `trouble` hears of a disk that can't keep: full, blocked, private mode. */
  constructor(
    private readonly tabs: Tabs,
    trouble: (error: unknown) => void,
    name = "maru",
  ) {
    const callbacks: OpenDBCallbacks<Schema> = {
      upgrade: (db, before, _now, tx) => void upgrade(db, before, tx),
      // A page from before the update holds it open, until it is closed.
      blocked: () => trouble("the outbox waits for a tab with an older version of the page"),
    };
    this.disk = new Disk(name, VERSION, callbacks, trouble);
  }

  put(operation: PendingOperation): void {
    void this.disk.put("outbox", () => ({ ...operation, owner: this.tabs.mine }));
  }

  remove(id: string): void {
    void this.disk.run((db) => db.delete("outbox", id));
  }

  /** Takes over what dead tabs left. One transaction per tab at a time: nobody takes it twice. */
  async adopt(): Promise<PendingOperation[]> {
    const living = await this.tabs.living();
    for (const tab of living ?? []) this.watch(tab);
    const adopted: PendingOperation[] = [];
    await this.disk.run(async (db) => {
      const tx = db.transaction("outbox", "readwrite");
      for (const kept of await tx.store.getAll()) {
        if (kept.owner === this.tabs.mine || living?.has(kept.owner) === true) continue;
        await tx.store.put({ ...kept, owner: this.tabs.mine });
        adopted.push(without(kept, "owner") as PendingOperation);
      }
      await tx.done;
    });
    return adopted;
  }

  /** Everything asked for so far is on disk (or failed). */
  async settled(): Promise<void> {
    await this.disk.settled();
  }

  private watch(tab: string): void {
    if (tab === this.tabs.mine || this.watched.has(tab)) return;
    this.watched.add(tab);
    this.tabs.gone?.(tab).then(
      () => {
        this.watched.delete(tab);
        this.abandoned();
      },
      () => void this.watched.delete(tab),
    );
  }
}

type Upgrade = IDBPTransaction<Schema, "outbox"[], "versionchange">;

async function upgrade(db: IDBPDatabase<Schema>, before: number, tx: Upgrade): Promise<void> {
  if (before < 1) {
    db.createObjectStore("outbox", { keyPath: "id" });
    return;
  }
  for await (const cursor of tx.objectStore("outbox")) {
    await cursor.update({ ...cursor.value, kind: "message" } as Kept);
  }
}

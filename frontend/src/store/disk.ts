import { openDB } from "idb";
import type { DBSchema, IDBPDatabase, OpenDBCallbacks, StoreNames, StoreValue } from "idb";

/**
 * A database of this browser (IndexedDB), which may be full, blocked or missing: then `trouble` hears
 * of it, and whoever asked goes on without.
 */
export class Disk<Schema extends DBSchema> {
  private readonly db: Promise<IDBPDatabase<Schema>>;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    name: string,
    version: number,
    callbacks: OpenDBCallbacks<Schema>,
    private readonly trouble: (error: unknown) => void,
  ) {
    // Where storage is blocked even asking for it throws.
    this.db = Promise.resolve().then(() =>
      openDB<Schema>(name, version, {
        // A page from after the next update wants it: what is written here from now on isn't kept.
        blocking: (_before, _next, event) => (event.target as IDBDatabase).close(),
        ...callbacks,
      }),
    );
    this.db.catch(() => undefined);
  }

  /** In the order asked: a remove never overtakes its put. */
  run(work: (db: IDBPDatabase<Schema>) => Promise<unknown>): Promise<unknown> {
    this.queue = this.queue
      .then(() => this.db)
      .then(work)
      .catch((error: unknown) => this.trouble(error));
    return this.queue;
  }

  /**
   * Keeps a value. The commit is asked for with the write: a browser breaks off what a page that
   * goes has not committed yet.
   */
  put<Name extends StoreNames<Schema>>(
    store: Name,
    value: () => StoreValue<Schema, Name> | undefined,
  ): Promise<unknown> {
    return this.run(async (db) => {
      const last = value();
      if (last === undefined) return;
      const tx = db.transaction(store, "readwrite");
      const written = tx.store.put(last);
      tx.commit();
      await Promise.all([written, tx.done]);
    });
  }

  /** Everything asked for so far is done (or failed). */
  async settled(): Promise<void> {
    await this.queue;
  }
}

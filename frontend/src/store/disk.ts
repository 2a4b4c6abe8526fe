import { openDB } from "idb";
import type { DBSchema, IDBPDatabase, OpenDBCallbacks } from "idb";

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

  /** Everything asked for so far is done (or failed). */
  async settled(): Promise<void> {
    await this.queue;
  }
}

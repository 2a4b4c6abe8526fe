import type { PendingOperation, OutboxStorage } from "./outbox";

type Disk = OutboxStorage & { adopt(): Promise<PendingOperation[]>; abandoned: () => void };

/**
 * The outbox's disk, loaded while the page is painted already. What is asked of it meanwhile waits
 * in order; a message waits for no disk to be sent.
 */
export class LazyOutboxStorage implements OutboxStorage {
  private readonly disk: Promise<Disk | null>;
  /** A tab that lived is gone: there may be something to adopt. */
  abandoned: () => void = () => undefined;

  constructor(load: () => Promise<Disk>, trouble: (error: unknown) => void) {
    this.disk = load().then(
      (disk) => {
        disk.abandoned = () => this.abandoned();
        return disk;
      },
      (error: unknown) => {
        trouble(error);
        return null;
      },
    );
  }

  put(operation: PendingOperation): void {
    void this.disk.then((disk) => disk?.put(operation));
  }

  remove(id: string): void {
    void this.disk.then((disk) => disk?.remove(id));
  }

  async adopt(): Promise<PendingOperation[]> {
    return (await this.disk)?.adopt() ?? [];
  }
}

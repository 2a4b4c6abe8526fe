import type { Errand, Keep } from "./outbox";

type Disk = Keep & { adopt(): Promise<Errand[]>; abandoned: () => void };

/**
 * The outbox's disk, loaded while the page is painted already. What is asked of it meanwhile waits
 * in order; a message waits for no disk to be sent.
 */
export class LateKeep implements Keep {
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

  put(errand: Errand): void {
    void this.disk.then((disk) => disk?.put(errand));
  }

  remove(id: string): void {
    void this.disk.then((disk) => disk?.remove(id));
  }

  async adopt(): Promise<Errand[]> {
    return (await this.disk)?.adopt() ?? [];
  }
}

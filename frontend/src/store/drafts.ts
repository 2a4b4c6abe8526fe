import type { Storage } from "./storage";

/** What stands unsent in a room's composer. */
export class Drafts {
  constructor(private readonly storage: Storage) {}

  get(roomKey: string): string {
    return this.storage.get(`draft:${roomKey}`) ?? "";
  }

  set(roomKey: string, text: string): void {
    if (text === "") this.storage.remove(`draft:${roomKey}`);
    else this.storage.set(`draft:${roomKey}`, text);
  }
}

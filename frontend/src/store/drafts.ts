import { signal } from "@preact/signals-core";
import type { Storage } from "./storage";

const PREFIX = "draft:";

/** What stands unsent in a room's composer. */
export class Drafts {
  /** Goes up when a draft begins or ends, here or in another tab. */
  private readonly changes = signal(0);

  constructor(private readonly storage: Storage) {}

  get(roomKey: string): string {
    return this.storage.get(PREFIX + roomKey) ?? "";
  }

  /** For the list of rooms: who reads it in a signal's scope hears when that changes. */
  has(roomKey: string): boolean {
    return this.changes.value >= 0 && this.get(roomKey) !== "";
  }

  set(roomKey: string, text: string): void {
    const had = this.get(roomKey) !== "";
    const blank = text.trim() === "";
    if (blank) this.storage.remove(PREFIX + roomKey);
    else this.storage.set(PREFIX + roomKey, text);
    if (had === blank) this.changes.value += 1;
  }

  otherTabWrote(key: string): void {
    if (key.startsWith(PREFIX)) this.changes.value += 1;
  }
}

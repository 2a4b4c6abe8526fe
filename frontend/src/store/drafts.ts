import { signal } from "@preact/signals-core";
import type { Quote } from "../protocol/generated";
import { isRecord } from "../protocol/read";
import { getJson } from "./storage";
import type { Storage } from "./storage";

const PREFIX = "draft:";
/** What a draft answers. */
const ANSWERED = "answers:";

/** What stands unsent in a room's composer. */
export class Drafts {
  /** Goes up when a draft begins or ends, here or in another tab. */
  private readonly changes = signal(0);
  /** Goes up when another tab wrote one. */
  readonly elsewhere = signal(0);

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

  /** The message that a draft answers; null for none. */
  answered(roomKey: string): Quote | null {
    const kept = getJson(this.storage, ANSWERED + roomKey);
    return isRecord(kept) && typeof kept["seq"] === "number" && isRecord(kept["sender"])
      ? (kept as unknown as Quote)
      : null;
  }

  answer(roomKey: string, quote: Quote | null): void {
    if (quote === null) this.storage.remove(ANSWERED + roomKey);
    else this.storage.set(ANSWERED + roomKey, JSON.stringify(quote));
  }

  otherTabWrote(key: string): void {
    if (!key.startsWith(PREFIX)) return;
    this.changes.value += 1;
    this.elsewhere.value += 1;
  }
}

import { getJson } from "./storage";
import type { Storage } from "./storage";

const KEY = "emoji";
/** Three rows of the picker. */
const KEPT = 24;

/** The emoji that this person used last, newest first. */
export class RecentEmoji {
  constructor(private readonly storage: Storage) {}

  list(): string[] {
    const stored = getJson(this.storage, KEY);
    if (!Array.isArray(stored)) return [];
    return stored.filter((one): one is string => typeof one === "string").slice(0, KEPT);
  }

  used(emoji: string): void {
    const others = this.list().filter((one) => one !== emoji);
    this.storage.set(KEY, JSON.stringify([emoji, ...others].slice(0, KEPT)));
  }
}

import { roomKey } from "../protocol/rules";
import { getJson } from "./storage";
import type { Storage } from "./storage";

/** Where they are kept. */
export const KEY = "rooms";

/**
 * The rooms to enter after a reload. Every change reads first, so that two tabs add to one list
 * instead of overwriting each other's.
 */
export class JoinedRooms {
  constructor(readonly storage: Storage) {}

  all(): string[] {
    const value = getJson(this.storage, KEY);
    if (!Array.isArray(value)) return [];
    return value.filter((name): name is string => typeof name === "string");
  }

  add(name: string): void {
    const rest = this.all();
    const at = rest.findIndex((other) => roomKey(other) === roomKey(name));
    if (at >= 0) rest[at] = name;
    else rest.push(name);
    this.storage.set(KEY, JSON.stringify(rest));
  }

  remove(name: string): void {
    const rest = this.all().filter((other) => roomKey(other) !== roomKey(name));
    this.storage.set(KEY, JSON.stringify(rest));
  }
}

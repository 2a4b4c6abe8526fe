import { signal } from "@preact/signals-core";
import type { User } from "../protocol/generated";

/** `typing on` holds this long unless repeated (the protocol's rule). */
export const LAPSE_MS = 6_000;

/** Who types in a room. Time is a parameter; `nextLapse` says when to call `lapse`. */
export class TypingTracker {
  readonly users = signal<readonly User[]>([]);
  private readonly until = new Map<string, { user: User; at: number }>();

  heard(user: User, on: boolean, now: number): void {
    if (on) this.until.set(user.id, { user, at: now + LAPSE_MS });
    else this.until.delete(user.id);
    this.lapse(now);
  }

  /** Whoever sends a message or goes has stopped typing. */
  stopped(id: string): void {
    if (this.until.delete(id)) this.publish();
  }

  clear(): void {
    this.until.clear();
    this.publish();
  }

  lapse(now: number): void {
    for (const [id, { at }] of this.until) if (at <= now) this.until.delete(id);
    this.publish();
  }

  nextLapse(): number | null {
    let next: number | null = null;
    for (const { at } of this.until.values()) next = next === null ? at : Math.min(next, at);
    return next;
  }

  private publish(): void {
    const users = [...this.until.values()].map((entry) => entry.user);
    const same =
      users.length === this.users.value.length &&
      users.every((user, index) => user === this.users.value[index]);
    if (!same) this.users.value = users;
  }
}

import { computed, signal } from "@preact/signals-core";
import type { Presence, PresenceChange, User } from "../protocol/generated";

/** Who is in a room: everybody, or in a large room a count and some of them. */
export class Roster {
  readonly count = signal(0);
  readonly complete = signal(true);
  private readonly people = signal<ReadonlyMap<string, User>>(new Map());
  /** By name, as a reader looks for them. */
  readonly users = computed(() => [...this.people.value.values()].sort(byName));

  reset(presence: Presence): void {
    this.count.value = presence.count;
    this.complete.value = presence.complete;
    this.people.value = new Map(presence.users.map((user) => [user.id, user]));
  }

  change(count: number, change: PresenceChange): void {
    if (change.kind === "roster") {
      this.reset({ count, users: change.users, complete: change.complete });
      return;
    }
    const people = new Map(this.people.value);
    for (const id of change.left) people.delete(id);
    for (const user of change.joined) people.set(user.id, user);
    this.count.value = count;
    this.people.value = people;
  }

  clear(): void {
    this.reset({ count: 0, users: [], complete: true });
  }
}

const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
function byName(a: User, b: User): number {
  return collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);
}

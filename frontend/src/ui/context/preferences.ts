import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { Storage } from "../../store/storage";

export const DENSITIES = ["comfortable", "compact"] as const;
export type Density = (typeof DENSITIES)[number];

/** What the system is asked to show while this page is not looked at. */
export const NOTIFICATION_LEVELS = ["all", "mentions", "none"] as const;
export type NotificationLevel = (typeof NOTIFICATION_LEVELS)[number];

/** One of a few, kept, and the same in every tab. */
class StoredChoice<T extends string> {
  readonly chosen: Signal<T>;

  constructor(
    private readonly storage: Storage,
    readonly key: string,
    private readonly options: readonly T[],
    private readonly initial: T,
  ) {
    this.chosen = signal(initial);
    this.load();
  }

  choose(value: T): void {
    this.chosen.value = value;
    this.storage.set(this.key, value);
  }

  load(): void {
    const stored = this.storage.get(this.key);
    this.chosen.value = this.options.find((option) => option === stored) ?? this.initial;
  }
}

/** What a person chose, but for language and theme, which have a file of their own. */
export class Preferences {
  /** `public/theme.js` applies it before the first paint, a change is applied by the shell. */
  readonly density: StoredChoice<Density>;
  readonly notifications: StoredChoice<NotificationLevel>;

  constructor(storage: Storage) {
    this.density = new StoredChoice(storage, "density", DENSITIES, "comfortable");
    // Nothing until somebody asks for it: the browser's own question comes with that click.
    this.notifications = new StoredChoice(storage, "notifications", NOTIFICATION_LEVELS, "none");
  }

  otherTabWrote(key: string): void {
    for (const choice of [this.density, this.notifications]) if (choice.key === key) choice.load();
  }
}

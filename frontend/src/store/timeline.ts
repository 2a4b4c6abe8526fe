import { signal } from "@preact/signals-core";
import type { LogEntry } from "../protocol/frames";
import type { Epoch, Position, Seq } from "../protocol/generated";

/** At most this many entries are held, of whatever kind; the far end is let go. About 5 MB. */
export const MAX_LOADED = 10_000;

/** What a delivered entry meant. */
export type Appended =
  /** The next one, shown. */
  | "appended"
  /** The next one, while the reader looks at older pages: counted, not held. */
  | "noted"
  | "duplicate"
  /** Entries between are missing: ask for them. */
  | "gap";

/**
 * A window on one room's log. What it holds is ascending and without holes; it either reaches the
 * head (`atHead`) or the reader went far up and the newest were let go.
 */
export class Timeline {
  /** Never mutated: a new array per change. */
  readonly entries = signal<readonly LogEntry[]>([]);
  readonly head = signal<Seq>(0);
  readonly atHead = signal(true);
  /** A join has been answered since the page was loaded. */
  readonly loaded = signal(false);
  private currentEpoch: Epoch | null = null;

  constructor(private readonly most = MAX_LOADED) {}

  get epoch(): Epoch | null {
    return this.currentEpoch;
  }

  get oldest(): Seq {
    return this.entries.value[0]?.seq ?? this.head.value + 1;
  }

  get newest(): Seq {
    return this.entries.value.at(-1)?.seq ?? this.head.value;
  }

  /** Whether the first entry of the room is held, or there is none. */
  get reachedStart(): boolean {
    return this.loaded.value && (this.head.value === 0 || this.entries.value[0]?.seq === 1);
  }

  /** Up to where everything was heard: what a join resumes from. */
  position(): Position | null {
    return this.currentEpoch === null ? null : { epoch: this.currentEpoch, seq: this.head.value };
  }

  /** Forgets what is held and starts from a newest page. */
  reset(epoch: Epoch, head: Seq, page: readonly LogEntry[]): void {
    this.currentEpoch = epoch;
    this.head.value = head;
    this.show(page);
    this.loaded.value = true;
  }

  /** Moves the window to a page, which may end below the head when entries came meanwhile. */
  show(page: readonly LogEntry[]): void {
    const entries = contiguousTail(page);
    const newest = entries.at(-1)?.seq ?? this.head.value;
    this.head.value = Math.max(this.head.value, newest);
    this.atHead.value = newest >= this.head.value;
    this.entries.value = entries;
  }

  /** What is held doesn't fit the server's log: the next join starts anew. */
  forget(): void {
    this.currentEpoch = null;
  }

  /** Applies what a resumed join replayed. `gap` when it doesn't continue what is held. */
  replay(entries: readonly LogEntry[], head: Seq): "ok" | "gap" {
    const fresh: LogEntry[] = [];
    let newest = this.head.value;
    for (const entry of entries) {
      if (entry.seq <= newest) continue;
      if (entry.seq !== newest + 1) return "gap";
      fresh.push(entry);
      newest = entry.seq;
    }
    if (newest < head) return "gap";
    if (fresh.length === 0) return "ok";
    this.head.value = newest;
    const held = this.entries.value;
    if (held.length >= 2 * this.most) this.atHead.value = false;
    if (this.atHead.value) this.entries.value = [...held, ...fresh];
    return "ok";
  }

  append(entry: LogEntry): Appended {
    if (entry.seq <= this.head.value) return "duplicate";
    if (entry.seq !== this.head.value + 1) return "gap";
    this.head.value = entry.seq;
    const held = this.entries.value;
    // A reader far up in a busy room: rather let the newest wait than grow without end.
    if (held.length >= 2 * this.most) this.atHead.value = false;
    if (!this.atHead.value) return "noted";
    this.entries.value = [...held, entry];
    return "appended";
  }

  /** Lets the oldest go, when nobody reads them: a tenth at once, so that it is seldom done. */
  trimOldest(most = this.most): void {
    const held = this.entries.value;
    if (held.length > most * 1.1) this.entries.value = held.slice(held.length - most);
  }

  holds(seq: Seq): boolean {
    const first = this.entries.value[0]?.seq;
    return first !== undefined && seq >= first && seq <= this.newest;
  }

  /** Takes a page of `history {before: oldest}`. What doesn't adjoin (any more) is ignored. */
  prepend(page: readonly LogEntry[]): void {
    const held = this.entries.value;
    const before = contiguousTail(page.filter((entry) => entry.seq < this.oldest));
    if (before.length === 0 || before.at(-1)?.seq !== this.oldest - 1) return;
    const all = [...before, ...held];
    if (all.length > this.most) {
      all.length = this.most;
      this.atHead.value = false;
    }
    this.entries.value = all;
  }

  /** Takes a page of `history {after: newest}` on the way back down. */
  extend(page: readonly LogEntry[]): void {
    const held = [...this.entries.value];
    let next = this.newest + 1;
    for (const entry of page) {
      if (entry.seq !== next) continue;
      held.push(entry);
      next += 1;
    }
    const newest = held.at(-1)?.seq ?? 0;
    this.head.value = Math.max(this.head.value, newest);
    this.atHead.value = newest >= this.head.value;
    this.entries.value = held.slice(Math.max(0, held.length - this.most));
  }
}

/** The longest run without holes at the end of a page. */
function contiguousTail(page: readonly LogEntry[]): LogEntry[] {
  let start = page.length - 1;
  while (start > 0 && page[start - 1]?.seq === (page[start]?.seq ?? 0) - 1) start -= 1;
  return page.slice(Math.max(start, 0));
}

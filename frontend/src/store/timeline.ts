import { signal } from "@preact/signals-core";
import type { LogEntry } from "../protocol/frames";
import type { Epoch, MessageId, Position, Seq } from "../protocol/generated";
import { fold, isChange } from "./fold";
import type { Change } from "./fold";

/** An entry, by the id that its sender made or by its number. */
export type MessageRef = MessageId | Seq;

/** At most this many entries are held, of whatever kind; the far end is let go. About 5 MB. */
export const MAX_LOADED = 10_000;
/** Changes heard last, for pages that were read before them. A page is asked for again beyond that. */
export const MAX_HEARD = 500;

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
 *
 * Every message that it holds has each change in it up to the head, whether its entry is held or
 * not. Only joins and live entries move the head, so that none of them is passed over.
 */
export class Timeline {
  /** Never mutated: a new array per change. */
  readonly entries = signal<readonly LogEntry[]>([]);
  readonly head = signal<Seq>(0);
  readonly atHead = signal(true);
  /** A join has been answered since the page was loaded. */
  readonly loaded = signal(false);
  private currentEpoch: Epoch | null = null;
  /** Changes heard after `heardAfter`. */
  private heard: Change[] = [];
  private heardAfter: Seq = 0;

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
    this.heard = [];
    this.heardAfter = head;
    // A server may answer with what it just told others: its own changes are to be folded in.
    this.show(fold(contiguousTail(page), page.filter(isChange)));
    this.loaded.value = true;
  }

  /** Begins with what was kept; `false` when there is something newer. */
  restore(epoch: Epoch, head: Seq, kept: readonly LogEntry[]): boolean {
    if (this.loaded.value) return false;
    this.reset(epoch, head, kept);
    return true;
  }

  /** Moves the window to a page, which may end below the head when entries came meanwhile. */
  show(page: readonly LogEntry[], readAt: Seq = this.head.value): void {
    const entries = contiguousTail(this.upToDate(page, readAt));
    if (entries.length === 0 && page.length > 0) return;
    const newest = entries.at(-1)?.seq ?? this.head.value;
    this.atHead.value = newest >= this.head.value;
    this.entries.value = entries;
  }

  /** Whether a page that was read at that head can be brought up to date; else it is too old. */
  knowsSince(readAt: Seq): boolean {
    return readAt >= this.heardAfter;
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
    this.hold(this.atHead.value ? [...held, ...fresh] : held, fresh);
    return "ok";
  }

  append(entry: LogEntry): Appended {
    if (entry.seq <= this.head.value) return "duplicate";
    if (entry.seq !== this.head.value + 1) return "gap";
    this.head.value = entry.seq;
    const held = this.entries.value;
    // A reader far up in a busy room: rather let the newest wait than grow without end.
    if (held.length >= 2 * this.most) this.atHead.value = false;
    this.hold(this.atHead.value ? [...held, entry] : held, [entry]);
    return this.atHead.value ? "appended" : "noted";
  }

  /** Lets the oldest go, when nobody reads them: a tenth at once, so that it is seldom done. */
  trimOldest(most = this.most): void {
    const held = this.entries.value;
    if (held.length > most * 1.1) this.entries.value = held.slice(held.length - most);
  }

  holds(which: MessageRef): boolean {
    if (typeof which === "string") return this.find(which) !== undefined;
    const first = this.entries.value[0]?.seq;
    return first !== undefined && which >= first && which <= this.newest;
  }

  find(which: MessageRef): LogEntry | undefined {
    return this.entries.value.find((held) =>
      typeof which === "number" ? held.seq === which : "id" in held && held.id === which,
    );
  }

  /** Takes a page of `history {before: oldest}`. What doesn't adjoin (any more) is ignored. */
  prepend(page: readonly LogEntry[], readAt: Seq = this.head.value): void {
    const held = this.entries.value;
    const older = page.filter((entry) => entry.seq < this.oldest);
    const before = contiguousTail(this.upToDate(older, readAt));
    if (before.length === 0 || before.at(-1)?.seq !== this.oldest - 1) return;
    const all = [...before, ...held];
    if (all.length > this.most) {
      all.length = this.most;
      this.atHead.value = false;
    }
    this.entries.value = all;
  }

  /** Takes a page of `history {after: newest}` on the way back down. */
  extend(page: readonly LogEntry[], readAt: Seq = this.head.value): void {
    const held = [...this.entries.value];
    let next = this.newest + 1;
    for (const entry of this.upToDate(page, readAt)) {
      if (entry.seq !== next) continue;
      held.push(entry);
      next += 1;
    }
    this.atHead.value = next > this.head.value;
    this.entries.value = held.slice(Math.max(0, held.length - this.most));
  }

  /** What a page says of what was heard up to the head; what lies above comes live. */
  private upToDate(page: readonly LogEntry[], readAt: Seq): readonly LogEntry[] {
    const known = page.filter((entry) => entry.seq <= this.head.value);
    return fold(
      known,
      this.heard.filter((change) => change.seq > readAt),
    );
  }

  /** Holds these, with what was heard just now in them. */
  private hold(entries: readonly LogEntry[], fresh: readonly LogEntry[]): void {
    const changes = fresh.filter(isChange);
    for (const change of changes) {
      if (change.kind === "delete") {
        this.heard = this.heard.filter((before) => before.target !== change.target);
      }
      this.heard.push(change);
    }
    if (this.heard.length > 2 * MAX_HEARD) {
      const dropped = this.heard.splice(0, this.heard.length - MAX_HEARD);
      this.heardAfter = dropped.at(-1)?.seq ?? this.heardAfter;
    }
    this.entries.value = fold(entries, changes);
  }
}

/** The longest run without holes at the end of a page. */
function contiguousTail(page: readonly LogEntry[]): LogEntry[] {
  let start = page.length - 1;
  while (start > 0 && page[start - 1]?.seq === (page[start]?.seq ?? 0) - 1) start -= 1;
  return page.slice(Math.max(start, 0));
}

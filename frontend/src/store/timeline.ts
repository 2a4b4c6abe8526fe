import { signal } from "@preact/signals-core";
import type { LogEntry, PagePart } from "../protocol/frames";
import type { Covers, Epoch, MessageId, Position, Seq } from "../protocol/generated";
import { fold, isChange, put } from "./fold";
import type { Change } from "./fold";
import { indexOf, isShown } from "./held";

/** A message, by the id that its sender made or by its number. */
export type MessageRef = MessageId | Seq;

/** At most this many entries are held; the far end is let go. About 5 MB. */
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
 * A window on one room's log. It knows all from `oldest` to `newest`, and holds what of that has a row of
 * its own: entries that changed a message are in the message. It either reaches the head (`atHead`) or
 * the reader went far up and the newest were let go.
 *
 * Every message that it holds has each change in it up to the head. Only joins and live entries move the
 * head, so that none of them is passed over.
 */
export class Timeline {
  /** Never mutated: a new array per change. */
  readonly entries = signal<readonly LogEntry[]>([]);
  readonly head = signal<Seq>(0);
  readonly atHead = signal(true);
  /** A join has been answered since the page was loaded. */
  readonly loaded = signal(false);
  private currentEpoch: Epoch | null = null;
  /** What the window speaks of, both inclusive. */
  private from: Seq = 1;
  private to: Seq = 0;
  /** Changes heard after `heardAfter`. */
  private heard: Change[] = [];
  private heardAfter: Seq = 0;

  constructor(private readonly most = MAX_LOADED) {}

  get epoch(): Epoch | null {
    return this.currentEpoch;
  }

  /** The oldest seq that the window knows of. */
  get oldest(): Seq {
    return this.from;
  }

  /** The newest seq that the window knows of. */
  get newest(): Seq {
    return this.to;
  }

  /** Whether there is nothing older. */
  get reachedStart(): boolean {
    return this.loaded.value && this.from <= 1;
  }

  /** The window as a page. */
  page(): PagePart {
    return { entries: this.entries.value, covers: { from: this.from, to: this.to } };
  }

  /** Up to where everything was heard: what a join resumes from. */
  position(): Position | null {
    return this.currentEpoch === null ? null : { epoch: this.currentEpoch, seq: this.head.value };
  }

  /** Forgets what is held and starts from a newest page. */
  reset(epoch: Epoch, head: Seq, page: PagePart): void {
    this.currentEpoch = epoch;
    this.head.value = head;
    this.heard = [];
    this.heardAfter = head;
    this.window([], head + 1, head);
    // A server may answer with what it just told others: its own changes are to be folded in.
    const entries = fold(page.entries.filter(isShown), page.entries.filter(isChange));
    this.show({ ...page, entries });
    this.loaded.value = true;
  }

  /** Begins with what was kept; `false` when there is something newer. */
  restore(epoch: Epoch, head: Seq, kept: PagePart): boolean {
    if (this.loaded.value) return false;
    this.reset(epoch, head, kept);
    return true;
  }

  /** Moves the window to a page, which may end below the head when entries came meanwhile. */
  show(page: PagePart, readAt: Seq = this.head.value): void {
    const { from, to } = this.known(page);
    if (to < from && this.head.value > 0) return;
    this.window(this.upToDate(page, from, readAt), from, to);
  }

  /** Whether a page that was read at that head can be brought up to date; else it is too old. */
  knowsSince(readAt: Seq): boolean {
    return readAt >= this.heardAfter;
  }

  /** Every change after that one, if all of them were heard. */
  heardSince(seq: Seq): readonly Change[] | null {
    return this.knowsSince(seq) ? this.heard.filter((change) => change.seq > seq) : null;
  }

  /** What is held doesn't fit the server's log: the next join starts anew. */
  forget(): void {
    this.currentEpoch = null;
  }

  /** Applies what a resumed join replayed. `gap` when it doesn't continue what is held. */
  replay(page: PagePart, head: Seq): "ok" | "gap" {
    const { covers, updated = [] } = page;
    const known = this.head.value;
    if (covers.from > known + 1 || covers.to < head) return "gap";
    if (covers.to <= known) return "ok";
    const fresh = page.entries.filter(({ seq }) => seq > known && seq <= covers.to);
    this.head.value = covers.to;
    this.grow(fresh);
    if (fresh.length < covers.to - known) {
      // Some of them were left out: what was read before can't be brought up to date any more.
      this.heard = [];
      this.heardAfter = covers.to;
    }
    this.entries.value = put(this.entries.value, updated);
    return "ok";
  }

  append(entry: LogEntry): Appended {
    if (entry.seq <= this.head.value) return "duplicate";
    if (entry.seq !== this.head.value + 1) return "gap";
    this.head.value = entry.seq;
    this.grow([entry]);
    return this.atHead.value ? "appended" : "noted";
  }

  /** Lets the oldest go, when nobody reads them: a tenth at once, so that it is seldom done. */
  trimOldest(most = this.most): void {
    const held = this.entries.value;
    if (held.length > most * 1.1) this.window(held, this.from, this.to, most);
  }

  holds(which: MessageRef): boolean {
    if (typeof which === "string") return this.find(which) !== undefined;
    return which >= this.from && which <= this.to;
  }

  find(which: MessageRef): LogEntry | undefined {
    const held = this.entries.value;
    if (typeof which === "number") return held[indexOf(held, which)];
    return held.find((entry) => "id" in entry && entry.id === which);
  }

  /** Takes a page of `history {before: oldest}`. What doesn't adjoin (any more) is ignored. */
  prepend(page: PagePart, readAt: Seq = this.head.value): void {
    const { from, to } = this.known(page);
    if (from >= this.from || to < this.from - 1) return;
    const older = this.upToDate(page, from, readAt).filter(({ seq }) => seq < this.from);
    const all = [...older, ...this.entries.value];
    const dropped = all[this.most];
    all.length = Math.min(all.length, this.most);
    this.window(all, from, dropped === undefined ? this.to : dropped.seq - 1);
  }

  /** Takes a page of `history {after: newest}` on the way back down. */
  extend(page: PagePart, readAt: Seq = this.head.value): void {
    const { from, to } = this.known(page);
    if (from > this.to + 1 || to <= this.to) return;
    const newer = this.upToDate(page, this.to + 1, readAt);
    this.window([...this.entries.value, ...newer], this.from, to, this.most);
  }

  /** Holds this, of which at most so many of the newest. */
  private window(entries: readonly LogEntry[], from: Seq, to: Seq, most = entries.length): void {
    const cut = Math.max(0, entries.length - most);
    const dropped = entries[cut - 1];
    this.from = dropped === undefined ? from : dropped.seq + 1;
    this.to = to;
    this.atHead.value = to >= this.head.value;
    this.entries.value = entries.slice(cut);
  }

  /** What a page speaks of, up to the head: what lies above comes live. */
  private known({ covers: { from, to } }: PagePart): Covers {
    return { from, to: Math.min(to, this.head.value) };
  }

  /** What a page has from a seq on, with what was heard since it was read. */
  private upToDate(page: PagePart, from: Seq, readAt: Seq): readonly LogEntry[] {
    const { to } = this.known(page);
    const known = page.entries.filter((one) => isShown(one) && one.seq >= from && one.seq <= to);
    return fold(
      known,
      this.heard.filter((change) => change.seq > readAt),
    );
  }

  /** Hears the next entries, up to the head, and holds them unless the window is elsewhere. */
  private grow(fresh: readonly LogEntry[]): void {
    const held = this.entries.value;
    // A reader far up in a busy room: rather let the newest wait than grow without end.
    if (held.length >= 2 * this.most) this.atHead.value = false;
    const changes = fresh.filter(isChange);
    this.remember(changes);
    const shown = this.atHead.value ? fresh.filter(isShown) : [];
    if (this.atHead.value) this.to = this.head.value;
    this.entries.value = fold(shown.length === 0 ? held : [...held, ...shown], changes);
  }

  private remember(changes: readonly Change[]): void {
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
  }
}

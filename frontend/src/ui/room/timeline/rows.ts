// What the timeline shows, in order: pure, so that grouping is tested without a page.

import type { Tombstone, User } from "../../../protocol/generated";
import type { PendingMessage } from "../../../store/outbox";
import type { Shown, ShownMessage } from "../../../store/overlay";
import type { NoteEntry } from "./rare-rows";

/** Messages of one author this close together share one heading. */
export const GROUP_MS = 5 * 60_000;

export type Row =
  | { kind: "start"; key: string }
  | { kind: "day"; key: string; at: number }
  | { kind: "divider"; key: string }
  | {
      kind: "message";
      /** The message's id: the row stays the same when the log confirms it. */
      key: string;
      source: ShownMessage | PendingMessage;
      sender: User;
      /** Shows the author and the time. */
      first: boolean;
    }
  /** A message that was deleted. */
  | { kind: "gone"; key: string; entry: Shown<Tombstone>; sender: User; first: boolean }
  /** What was done to the room. */
  | { kind: "note"; key: string; entry: NoteEntry };

export interface RowsInput {
  entries: readonly Shown[];
  /** Mine, not in the log yet. */
  outgoing: readonly PendingMessage[];
  me: User;
  /** The last seq that was read when the reader came; null for no divider. */
  dividerAfter: number | null;
  /** The oldest seq that the entries speak of. */
  from: number;
  reachedStart: boolean;
  /** A name for the local day of a time; equal within a day. */
  dayOf: (at: number) => string;
}

export function isOutgoing(source: ShownMessage | PendingMessage): source is PendingMessage {
  return "delivery" in source;
}

export function buildRows(input: RowsInput): readonly Row[] {
  return new RowsBuilder().build(input);
}

/** Builds rows again and again, and only what is new when entries were appended: thousands are held. */
export class RowsBuilder {
  private last: RowsInput | null = null;
  private logged = new Builder(String);
  private rows: readonly Row[] = [];

  /** The same rows again for the same input: whoever scrolls asks with each frame. */
  build(input: RowsInput): readonly Row[] {
    const { last } = this;
    const { entries, outgoing, me, dividerAfter } = input;
    const goesOn = last !== null && continues(last, input);
    const done = goesOn ? last.entries.length : 0;
    const same = goesOn && last.outgoing === outgoing && last.me === me;
    if (same && done === entries.length) return this.rows;
    if (done === 0) {
      this.logged = new Builder(input.dayOf, dividerAfter === null);
      if (input.reachedStart) this.logged.rows.push({ kind: "start", key: "start" });
    }
    for (let i = done; i < entries.length; i++) {
      const entry = entries[i];
      if (entry !== undefined) this.logged.entry(entry, dividerAfter ?? 0, input.from);
    }
    this.last = input;
    const all = this.logged.copy();
    const mine = new Set(outgoing.map(({ id }) => id));
    if (mine.size > 0) {
      for (const entry of entries) if (entry.kind === "message") mine.delete(entry.id);
    }
    for (const message of outgoing) {
      if (mine.has(message.id)) all.message(message, me);
    }
    // Where nothing was said yet, nothing begins.
    this.rows = all.rows.every((row) => row.kind === "start") ? [] : all.rows;
    return this.rows;
  }
}

/** Whether only entries were appended (thousands of comparisons of pointers cost microseconds). */
function continues(last: RowsInput, next: RowsInput): boolean {
  return (
    last.dividerAfter === next.dividerAfter &&
    last.from === next.from &&
    last.reachedStart === next.reachedStart &&
    last.dayOf === next.dayOf &&
    last.entries.every((entry, i) => entry === next.entries[i])
  );
}

class Builder {
  private lastDay = "";
  private lastAt = 0;
  private lastSender: User | null = null;
  private dividerPending = false;
  rows: Row[] = [];

  constructor(
    private readonly dayOf: (at: number) => string,
    private divided = true,
  ) {}

  copy(): Builder {
    const copy = new Builder(this.dayOf, this.divided);
    return Object.assign(copy, this, { rows: [...this.rows] });
  }

  entry(entry: Shown, dividerAfter: number, from: number): void {
    if (!this.divided && entry.seq > dividerAfter) {
      this.divided = true;
      // Where the last read entry isn't known of, "new" may begin earlier.
      this.dividerPending = this.rows.length > 0 || from <= dividerAfter + 1;
    }
    this.row(entry);
  }

  private row(entry: Shown): void {
    switch (entry.kind) {
      case "message":
        this.message(entry, entry.sender);
        return;
      case "tombstone": {
        const first = this.begins(entry.at, entry.sender);
        this.rows.push({ kind: "gone", key: entry.id, entry, sender: entry.sender, first });
        return;
      }
      case "pin":
        if (entry.on) this.note(entry);
        return;
      case "topic":
        this.note(entry);
        return;
      // The others change a message, which shows it.
    }
  }

  message(source: ShownMessage | PendingMessage, sender: User): void {
    const first = this.begins(source.at, sender);
    this.rows.push({ kind: "message", key: source.id, source, sender, first });
  }

  private note(entry: NoteEntry): void {
    this.begins(entry.at, entry.sender);
    this.lastSender = null;
    this.rows.push({ kind: "note", key: entry.id, entry });
  }

  /** What stands above the next row; whether that begins a group. */
  private begins(time: number, sender: User): boolean {
    // `at` never orders anything: a clock that went back makes no second "yesterday".
    const at = Math.max(time, this.lastAt);
    const day = this.dayOf(at);
    if (day !== this.lastDay) {
      this.rows.push({ kind: "day", key: `day:${day}`, at });
      this.lastSender = null;
    }
    // Below the date line, when a new day begins with the first new message.
    if (this.dividerPending) {
      this.dividerPending = false;
      this.rows.push({ kind: "divider", key: "divider" });
      this.lastSender = null;
    }
    const first =
      this.lastSender?.id !== sender.id ||
      this.lastSender.name !== sender.name ||
      at - this.lastAt >= GROUP_MS;
    this.lastDay = day;
    this.lastAt = at;
    this.lastSender = sender;
    return first;
  }
}

/** Names the local day of a time; remembers the last one, as thousands are asked for in a row. */
export function days(): (at: number) => string {
  let from = 0;
  let to = 0;
  let name = "";
  return (at) => {
    if (at < from || at >= to) {
      const day = new Date(at);
      name = day.toDateString();
      from = day.setHours(0, 0, 0, 0);
      to = day.setDate(day.getDate() + 1);
    }
    return name;
  };
}

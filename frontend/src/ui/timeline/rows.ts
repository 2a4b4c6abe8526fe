// What the timeline shows, in order: pure, so that grouping is tested without a page.

import type { LogEntry } from "../../protocol/frames";
import type { Message, User } from "../../protocol/generated";
import type { Outgoing } from "../../store/outbox";

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
      source: Message | Outgoing;
      sender: User;
      /** Shows the author and the time. */
      first: boolean;
    };

export interface RowsInput {
  entries: readonly LogEntry[];
  /** Mine, not in the log yet. */
  outgoing: readonly Outgoing[];
  me: User;
  /** The last seq that was read when the reader came; null for no divider. */
  dividerAfter: number | null;
  reachedStart: boolean;
  /** A name for the local day of a time; equal within a day. */
  dayOf: (at: number) => string;
}

export function isOutgoing(source: Message | Outgoing): source is Outgoing {
  return "delivery" in source;
}

export function buildRows(input: RowsInput): Row[] {
  const rows: Row[] = [];
  if (input.reachedStart) rows.push({ kind: "start", key: "start" });
  const builder = new Builder(rows, input.dayOf);
  let divided = input.dividerAfter === null;
  for (const entry of input.entries) {
    if (!divided && entry.seq > (input.dividerAfter ?? 0)) {
      divided = true;
      // Without the last read entry on screen nobody could tell where "new" begins.
      if (rows.length > 0) builder.divider();
    }
    if (entry.kind === "message") builder.message(entry, entry.sender);
  }
  const known = new Set(input.entries.map((entry) => (entry.kind === "message" ? entry.id : "")));
  for (const message of input.outgoing) {
    if (!known.has(message.id)) builder.message(message, input.me);
  }
  return rows;
}

class Builder {
  private lastDay = "";
  private lastAt = 0;
  private lastSender: User | null = null;
  private dividerPending = false;

  constructor(
    private readonly rows: Row[],
    private readonly dayOf: (at: number) => string,
  ) {}

  /** Comes below the date line, when a new day begins with the first new message. */
  divider(): void {
    this.dividerPending = true;
  }

  message(source: Message | Outgoing, sender: User): void {
    // `at` never orders anything: a clock that went back makes no second "yesterday".
    const at = Math.max(source.at, this.lastAt);
    const day = this.dayOf(at);
    if (day !== this.lastDay) {
      this.rows.push({ kind: "day", key: `day:${day}`, at });
      this.lastSender = null;
    }
    if (this.dividerPending) {
      this.dividerPending = false;
      this.rows.push({ kind: "divider", key: "divider" });
      this.lastSender = null;
    }
    const first =
      this.lastSender?.id !== sender.id ||
      this.lastSender.name !== sender.name ||
      at - this.lastAt >= GROUP_MS;
    this.rows.push({ kind: "message", key: source.id, source, sender, first });
    this.lastDay = day;
    this.lastAt = at;
    this.lastSender = sender;
  }
}

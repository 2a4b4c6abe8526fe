// Entries that are held: ascending by seq, without those that only change others.

import type { LogEntry } from "../protocol/frames";
import type { Seq } from "../protocol/generated";

/** The place of the first entry from a seq on; their number, when there is none. */
export function placeOf(entries: readonly { seq: Seq }[], seq: Seq): number {
  let from = 0;
  let to = entries.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((entries[middle]?.seq ?? 0) < seq) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The place of the entry with this seq; -1 when it is not held. */
export function indexOf(entries: readonly { seq: Seq }[], seq: Seq): number {
  const place = placeOf(entries, seq);
  return entries[place]?.seq === seq ? place : -1;
}

/** What is held: the others change a message, and what they did is in it. */
const SHOWN: ReadonlySet<string> = new Set(["message", "tombstone", "topic", "pin"]);
export function isShown(entry: LogEntry): boolean {
  return SHOWN.has(entry.kind);
}

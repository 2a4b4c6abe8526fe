// The seqs that a page of a room's log speaks of.

import type { LogEntry } from "./frames";
import type { Covers, Seq } from "./generated";

/**
 * What a page of a server speaks of that doesn't say so: one of before that leaves nothing out. Of a
 * page with a hole only the newest run counts; an empty one speaks of nothing.
 */
export function coversOf(entries: readonly LogEntry[], head: Seq): Covers {
  const to = entries.at(-1)?.seq ?? head;
  let from = to + 1;
  for (const entry of entries.toReversed()) {
    if (entry.seq !== from - 1) break;
    from = entry.seq;
  }
  return { from, to };
}

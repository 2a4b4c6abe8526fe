// Where the keys of the log lead: arrows move between messages, Tab goes through what is in one and
// then on. All of it works on rows that may not be drawn yet.

import type { Layout } from "./layout";
import type { Row } from "./rows";

export type Move = "up" | "down" | "page-up" | "page-down" | "first" | "last";

const MOVES: ReadonlyMap<string, Move> = new Map([
  ["ArrowUp", "up"],
  ["ArrowDown", "down"],
  ["PageUp", "page-up"],
  ["PageDown", "page-down"],
  ["Home", "first"],
  ["End", "last"],
]);

/** Where keys write text or choose something. */
const OTHERS = "input, textarea, select, [contenteditable], [role=menu], [role=listbox], dialog";
const TABBABLE = "a[href], button, input, textarea, select, summary, [tabindex]";

export function moveOf(event: KeyboardEvent): Move | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return null;
  return MOVES.get(event.key) ?? null;
}

/** Whether a key that is pressed here is somebody else's. */
export function isTaken(event: KeyboardEvent): boolean {
  return event.defaultPrevented || (event.target as Element).closest(OTHERS) !== null;
}

/** The message that a move leads to from a row, over whatever lies between. */
export function destination(
  layout: Layout<Row>,
  from: number,
  move: Move,
  page: number,
): string | null {
  const last = layout.count - 1;
  switch (move) {
    case "first":
      return nearest(layout, 0, 1);
    case "last":
      return nearest(layout, last, -1);
    case "up":
      return nearest(layout, from - 1, -1);
    case "down":
      return nearest(layout, from + 1, 1);
    case "page-up": {
      const to = layout.touching(layout.top(from) - page, Infinity).from;
      // At least one: a message may be higher than a page.
      return nearest(layout, Math.min(to, from - 1), -1) ?? nearest(layout, 0, 1);
    }
    case "page-down": {
      const to = layout.touching(layout.top(from) + page, Infinity).from;
      return nearest(layout, Math.max(to, from + 1), 1) ?? nearest(layout, last, -1);
    }
  }
}

/** The message at an index, or the next one in a direction. */
export function nearest(layout: Layout<Row>, index: number, step: 1 | -1): string | null {
  for (let i = index; i >= 0 && i < layout.count; i += step) {
    const row = layout.row(i);
    if (row?.kind === "message") return row.key;
  }
  return null;
}

/** Whether Tab would leave the message that it is pressed in. */
export function leaves(row: Element, target: Element, backwards: boolean): boolean {
  const stops = [...row.querySelectorAll<HTMLElement>(TABBABLE)].filter(
    (stop) => stop.tabIndex >= 0 && stop.getClientRects().length > 0,
  );
  return target === (backwards ? stops[0] : stops.at(-1));
}

// The keyboard in the log (`moves.ts`), loaded when the room is painted.

import { destination, isTaken, leaves, moveOf, nearest } from "./moves";
import type { Move } from "./moves";
import type { LogElements } from "./row-sizes";
import type { Roving } from "./roving";
import type { Row } from "./rows";
import type { ScrollManager } from "./scroll-manager";

/** What the keys work on. */
export interface Log {
  scroll: ScrollManager<Row>;
  elements: LogElements;
  redraw: () => void;
  atHead: () => boolean;
  toNewest: () => void;
}

const rowAt = (target: EventTarget | null) =>
  target instanceof Element ? target.closest<HTMLElement>(".row") : null;

export function keyboardIn(log: Log, roving: Roving) {
  const { scroll, redraw, atHead, toNewest } = log;
  const { port, before, after } = log.elements;
  const { layout } = scroll;

  /** Where the keyboard was, or beside it when that is gone; else the last message in view. */
  const stop = () => {
    const was = layout.indexOf(roving.key.value ?? "");
    const near = was === undefined ? null : (nearest(layout, was, 1) ?? nearest(layout, was, -1));
    if (near !== null) return near;
    const end = layout.touching(0, scroll.top + scroll.page - 1).to - 1;
    return nearest(layout, end, -1) ?? nearest(layout, 0, 1);
  };
  const go = (key: string | null) => {
    if (key === null) return;
    roving.go(key);
    redraw();
  };
  const move = (where: Move) => {
    roving.wantsNewest = where === "last" && !atHead();
    if (roving.wantsNewest) toNewest();
    const from = roving.inside.value ? layout.indexOf(roving.key.value ?? "") : undefined;
    if (from === undefined && (where === "up" || where === "down")) go(stop());
    else {
      const end = layout.touching(0, scroll.top + scroll.page - 1).to - 1;
      go(destination(layout, from ?? end, where, scroll.page));
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (isTaken(event)) return;
    const where = moveOf(event);
    const row = rowAt(event.target);
    if (where !== null) {
      event.preventDefault();
      move(where);
    } else if (event.key === "Escape") {
      event.preventDefault();
      document.getElementById("composer")?.focus();
    } else if (event.key === "Tab" && row !== null) {
      // On from behind the log, not from the next message's links.
      if (!leaves(row, event.target as Element, event.shiftKey)) return;
      (event.shiftKey ? before : after).current?.focus({ preventScroll: true });
    }
  };
  const onFocusIn = (event: FocusEvent) => {
    const target = event.target as Element;
    const row = rowAt(target);
    // A dialog that closes gives the focus back: to where it was, which is no coming in.
    const from = event.relatedTarget as Element | null;
    const entered = from?.closest("dialog") === null && port.current?.contains(from) === false;
    const byKeyboard = target.matches(":focus-visible");
    if (entered && byKeyboard && !target.matches(".message")) go(stop());
    else {
      roving.inside.value = row !== null;
      if (row !== null) roving.key.value = row.dataset["key"] ?? null;
    }
  };
  const onFocusOut = (event: FocusEvent) => {
    const goesTo = event.relatedTarget as Node | null;
    // Another window was looked at: the focus is still here when this one is.
    if (goesTo === null && port.current?.contains(document.activeElement) === true) return;
    if (port.current?.contains(goesTo) !== true && !roving.drawing) roving.inside.value = false;
  };

  const rowOf = (key: string | null) =>
    port.current?.querySelector(`.row[data-key="${CSS.escape(key ?? "")}"]`);
  /** What can have the focus in a row: one whose message was deleted has nothing. */
  const messageIn = (row: Element | null | undefined) =>
    row?.querySelector<HTMLElement>(":scope > .message[tabindex]");

  /** Rows were drawn: gives the focus to whom it was promised. */
  const drawn = () => {
    if (roving.wantsNewest && atHead()) {
      roving.wantsNewest = false;
      const newest = nearest(layout, layout.count - 1, -1);
      if (newest !== null) roving.go(newest);
    }
    const lost = roving.inside.peek() && document.activeElement === document.body;
    if (lost && roving.wanted === null) {
      const had = messageIn(rowOf(roving.key.peek()));
      had?.focus({ preventScroll: true });
      // It went away: the keyboard goes to what is beside it, or in view.
      if (had == null) roving.wanted = roving.key.value = stop();
    }
    const key = roving.wanted;
    if (key === null) return;
    const row = rowOf(key);
    if (row == null) {
      if (layout.indexOf(key) === undefined) roving.wanted = null;
      else redraw();
      return;
    }
    roving.wanted = null;
    messageIn(row)?.focus({ preventScroll: true });
    const newest = key === nearest(layout, layout.count - 1, -1) && atHead();
    const first = key === nearest(layout, 0, 1);
    if (newest) scroll.toBottom();
    else if (first) scroll.toStart();
    else reveal(scroll, key);
  };

  return { drawn, handlers: { onKeyDown, onFocusIn, onFocusOut } };
}

/** Scrolls as far as a row takes to be seen as a whole. */
export function reveal<R extends { readonly key: string }>(
  scroll: ScrollManager<R>,
  key: string,
): void {
  const { layout, top, page } = scroll;
  const index = layout.indexOf(key);
  if (index === undefined) return;
  if (layout.top(index) < top) scroll.toRow(key, 0);
  else if (layout.top(index + 1) - top > page) scroll.toRow(key, 1);
  else return;
  scroll.keep();
}

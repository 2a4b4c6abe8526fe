// The box that a message is written in: its text, and what of it is kept as the room's draft.

import { signal } from "@preact/signals";
import { createRef } from "preact";
import { characters } from "../../../protocol/rules";
import type { Drafts } from "../../../store/drafts";
import type { Room } from "../../../store/room";

/** A draft is stored when the typing pauses. */
const DRAFT_PAUSE_MS = 250;

export class DraftBox {
  readonly ref = createRef<HTMLTextAreaElement>();
  /** Characters, as the server counts them. */
  readonly length = signal(0);
  readonly blank = signal(true);
  /** What is in the box is a draft, not a message that is being edited. */
  private drafting = true;
  /** Somebody wrote in it since it was stored. */
  private written = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly drafts: Drafts,
    /** Whose key is another one when it gets another name. */
    private readonly room: Room,
  ) {}

  get el(): HTMLTextAreaElement | null {
    return this.ref.current;
  }

  get isDraft(): boolean {
    return this.drafting;
  }

  /** Somebody wrote in it. */
  changed(): void {
    const { el } = this;
    if (el === null) return;
    grow(el);
    this.written = true;
    this.length.value = characters(el.value);
    this.blank.value = el.value.trim() === "";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), DRAFT_PAUSE_MS);
  }

  /** Its lines break elsewhere now. */
  fit(): void {
    if (this.el !== null) grow(this.el);
  }

  put(text: string): void {
    const { el } = this;
    if (el === null) return;
    el.value = text;
    el.setSelectionRange(text.length, text.length);
    this.changed();
  }

  empty(): void {
    this.put("");
    this.keep();
  }

  /** Stores the draft now. */
  keep(): void {
    clearTimeout(this.timer);
    // What was not written here may be older than what another tab stored.
    if (this.el === null || !this.drafting || !this.written) return;
    this.written = false;
    this.drafts.set(this.room.key, this.el.value);
  }

  /** The box is there: shows the draft that was kept. */
  open(): void {
    const { el } = this;
    if (el === null) return;
    el.value = this.drafts.get(this.room.key);
    this.changed();
    clearTimeout(this.timer);
    this.written = false;
  }

  /** Another tab stored a draft: it is shown, unless somebody writes here. */
  follow(): void {
    if (this.drafting && !this.written) this.open();
  }

  /** Shows the draft again. */
  draft(): void {
    this.drafting = true;
    this.open();
  }

  /** Shows another text, and keeps the draft for after it. */
  edit(text: string): void {
    this.keep();
    this.drafting = false;
    this.put(text);
  }
}

/**
 * As tall as its text, up to the height the style sheet allows. What is around it keeps its height while
 * that is measured: the log would be scrolled by the room it had for a moment.
 */
function grow(el: HTMLTextAreaElement): void {
  const around = el.parentElement?.style;
  if (around === undefined) return;
  around.minHeight = `${el.parentElement?.offsetHeight ?? 0}px`;
  el.style.height = "auto";
  el.style.height = `${el.scrollHeight}px`;
  around.minHeight = "";
}

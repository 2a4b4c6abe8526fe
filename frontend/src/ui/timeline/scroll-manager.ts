import { anchors, correction, fromBottom, isNearBottom, lastSeen } from "./scroll";
import type { Placed } from "./scroll";

/** What the reader saw before a change. */
export type Held = { stick: true } | { stick: false; rows: Placed[] };

/**
 * Keeps what the reader sees in its place. The browser's own scroll anchoring is off
 * (`overflow-anchor: none`): Safari has none, and two hands on one wheel make it jump.
 */
export class ScrollManager {
  private el: HTMLElement | null = null;
  /** At the newest, and to be kept there. */
  stick = true;
  /** What the reader looks at, for changes that nobody announced. */
  private last: Held = { stick: true };

  attach(el: HTMLElement): void {
    this.el = el;
  }

  /** Call before the DOM changes. */
  hold(): Held {
    if (this.stick || this.el === null) return { stick: true };
    return { stick: false, rows: anchors(this.placed(), this.el.clientHeight) };
  }

  /** Call after the DOM changed, before it is painted. */
  restore(held: Held): void {
    if (this.el === null) return;
    if (held.stick) {
      this.toBottom();
      return;
    }
    const tops = new Map(this.placed().map((row) => [row.key, row.top]));
    const delta = correction(held.rows, (key) => tops.get(key));
    if (delta !== 0) this.el.scrollTop += delta;
    this.last = this.hold();
  }

  /** The reader scrolled; what they look at now. */
  scrolled(atHead: boolean): Held {
    if (this.el !== null) this.stick = atHead && isNearBottom(this.el);
    this.last = this.hold();
    return this.last;
  }

  /**
   * The viewport or its content changed size without a new row: a window, a body whose markup is
   * read now. Comes after the layout and before it is painted.
   */
  resized(): void {
    if (this.stick) this.toBottom();
    else if (!this.last.stick) this.restore(this.last);
  }

  toBottom(): void {
    this.stick = true;
    if (this.el !== null) this.el.scrollTop = this.el.scrollHeight;
  }

  /** Brings a row near the top; whether it is there. */
  toRow(key: string): boolean {
    const row = this.placed().find((placed) => placed.key === key);
    if (this.el === null || row === undefined) return false;
    this.el.scrollTop += row.top - this.el.clientHeight * 0.2;
    this.stick = isNearBottom(this.el);
    return true;
  }

  get distance(): { top: number; bottom: number; page: number } {
    if (this.el === null) return { top: Infinity, bottom: 0, page: 0 };
    return { top: this.el.scrollTop, bottom: fromBottom(this.el), page: this.el.clientHeight };
  }

  lastSeen(): number {
    return this.el === null ? 0 : lastSeen(this.placed(), this.el.clientHeight);
  }

  private placed(): (Placed & { seq: number })[] {
    if (this.el === null) return [];
    const edge = this.el.getBoundingClientRect().top;
    return [...this.el.querySelectorAll<HTMLElement>("[data-key]")].map((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return {
        key: row.dataset["key"] ?? "",
        seq: Number(row.dataset["seq"] ?? 0),
        top: top - edge,
        bottom: bottom - edge,
      };
    });
  }
}

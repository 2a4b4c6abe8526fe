import { signal } from "@preact/signals";

/** Which message the keyboard is at. */
export class Roving {
  readonly key = signal<string | null>(null);
  /** The focus is at that message, or in it. */
  readonly inside = signal(false);
  /** Rows are being drawn: what moves in the document loses the focus, and gets it back. */
  drawing = false;
  /** Takes the focus when it is drawn. */
  wanted: string | null = null;
  /** The newest message takes the focus when it is loaded. */
  wantsNewest = false;

  /** The row that has to be drawn wherever the reader looks: the focus must not fall out of the page. */
  get pinned(): string | null {
    return this.wanted ?? (this.inside.value ? this.key.value : null);
  }

  go(key: string): void {
    this.wanted = key;
    this.key.value = key;
  }
}

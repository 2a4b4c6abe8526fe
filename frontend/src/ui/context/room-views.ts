import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { MessageRef } from "../../store/timeline";

/** A row and where it is, relative to the viewport's top edge. */
export interface PlacedRow {
  key: string;
  top: number;
  bottom: number;
}

/** What the page remembers of a room between two visits. */
export interface RoomView {
  divider: Divider;
  /** Where the reader was; null for at the newest. */
  place: readonly PlacedRow[] | null;
  /** Counts the messages written here: the reader wants to see theirs. */
  written: Signal<number>;
  /** A message to show: `showMessage` sets it, the timeline takes it. */
  wanted: Signal<{ message: MessageRef } | null>;
}

export class RoomViews {
  readonly views = new Map<string, RoomView>();

  of(roomKey: string): RoomView {
    let view = this.views.get(roomKey);
    if (view === undefined) {
      view = { divider: new Divider(), place: null, written: signal(0), wanted: signal(null) };
      this.views.set(roomKey, view);
    }
    return view;
  }

  /** Shows a message of a room, once the room is on screen: loads it, and leads the keyboard there. */
  showMessage(roomKey: string, message: MessageRef): void {
    this.of(roomKey).wanted.value = { message };
  }
}

/** Where "new messages" begin in a room on screen. */
export class Divider {
  after: number | null = null;

  /**
   * Looks at the room as it is about to be drawn. The line appears with the first message that
   * comes while nobody looks, and stays while it is being read.
   */
  update(readSeq: number | null, unread: number, attentive: boolean): void {
    if (this.after === null && unread > 0 && !attentive) this.after = readSeq;
  }

  /** The reader answered, or looked away: what comes next is new. */
  clear(): void {
    this.after = null;
  }
}

import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { Which } from "../../store/timeline";
import { Divider } from "../timeline/divider";
import type { Placed } from "../timeline/scroll";

/** What the page remembers of a room between two visits. */
export interface RoomView {
  divider: Divider;
  /** Where the reader was; null for at the newest. */
  place: readonly Placed[] | null;
  /** Counts the messages written here: the reader wants to see theirs. */
  written: Signal<number>;
  /** A message to show: `showMessage` sets it, the timeline takes it. */
  wanted: Signal<{ message: Which } | null>;
}

export class RoomViews {
  private readonly views = new Map<string, RoomView>();

  of(roomKey: string): RoomView {
    let view = this.views.get(roomKey);
    if (view === undefined) {
      view = { divider: new Divider(), place: null, written: signal(0), wanted: signal(null) };
      this.views.set(roomKey, view);
    }
    return view;
  }

  /** Shows a message of a room, once the room is on screen: loads it, and leads the keyboard there. */
  showMessage(roomKey: string, message: Which): void {
    this.of(roomKey).wanted.value = { message };
  }
}

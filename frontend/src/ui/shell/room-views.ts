import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { Divider } from "../timeline/divider";
import type { Held } from "../timeline/scroll-manager";

/** What the page remembers of a room between two visits. */
export interface RoomView {
  divider: Divider;
  /** Where the reader was; null for at the newest. */
  place: Extract<Held, { stick: false }> | null;
  /** Counts the messages written here: the reader wants to see theirs. */
  written: Signal<number>;
}

export class RoomViews {
  private readonly views = new Map<string, RoomView>();

  of(roomKey: string): RoomView {
    let view = this.views.get(roomKey);
    if (view === undefined) {
      view = { divider: new Divider(), place: null, written: signal(0) };
      this.views.set(roomKey, view);
    }
    return view;
  }
}

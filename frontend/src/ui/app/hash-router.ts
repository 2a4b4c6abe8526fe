import { batch, signal } from "@preact/signals";
import { hashOf, placeInHash } from "../context/address";
import type { Place, Router } from "../context/address";

/** Which room is on screen; the address bar says it, so links and "back" work. */
export class HashRouter implements Router {
  readonly room = signal<string | null>(null);
  readonly message = signal<Place | null>(null);

  constructor() {
    this.read();
    addEventListener("hashchange", () => this.read());
  }

  open(room: string): void {
    location.hash = hashOf(room);
  }

  replace(room: string | null): void {
    history.replaceState(
      null,
      "",
      room === null ? location.pathname + location.search : hashOf(room),
    );
    this.message.value = null;
    this.room.value = room;
  }

  leaveMessage(): void {
    const place = placeInHash(location.hash);
    if (place !== null && place.message !== null) this.replace(place.room);
  }

  private read(): void {
    const place = placeInHash(location.hash);
    batch(() => {
      this.room.value = place?.room ?? null;
      this.message.value = place?.message == null ? null : place;
    });
  }
}

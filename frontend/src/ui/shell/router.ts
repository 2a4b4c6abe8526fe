import { signal } from "@preact/signals";

const ROOM = /^#\/r\/(.+)$/;

export function roomInHash(hash: string): string | null {
  const encoded = ROOM.exec(hash)?.[1];
  if (encoded === undefined) return null;
  try {
    return decodeURIComponent(encoded).normalize("NFC");
  } catch {
    return null;
  }
}

export function hashOf(room: string): string {
  return `#/r/${encodeURIComponent(room)}`;
}

/** Which room is on screen; the address bar says it, so links and "back" work. */
export class Router {
  readonly room = signal<string | null>(roomInHash(location.hash));

  constructor() {
    addEventListener("hashchange", () => {
      this.room.value = roomInHash(location.hash);
    });
  }

  open(room: string): void {
    location.hash = hashOf(room);
  }

  /** Without an entry in the history: where "back" shouldn't return to. */
  replace(room: string | null): void {
    history.replaceState(
      null,
      "",
      room === null ? location.pathname + location.search : hashOf(room),
    );
    this.room.value = room;
  }
}

import { batch, signal } from "@preact/signals";
import type { Seq } from "../../protocol/generated";

/** `#/r/<room>` and `#/r/<room>/m/<seq>`. What a later page adds behind those still opens the room. */
const PLACE = /^#\/r\/([^/]+)(?:\/m\/([1-9]\d{0,15}))?(?:\/.*)?$/;

/** What an address names: a room, or one message in it. */
export interface Place {
  room: string;
  /** A message's seq; history can be asked for by nothing else. */
  seq: Seq | null;
}

export function placeInHash(hash: string): Place | null {
  const [, encoded, seq] = PLACE.exec(hash) ?? [];
  if (encoded === undefined) return null;
  try {
    const room = decodeURIComponent(encoded).normalize("NFC");
    return { room, seq: seq === undefined ? null : Number(seq) };
  } catch {
    return null;
  }
}

export function hashOf(room: string, seq: Seq | null = null): string {
  return `#/r/${encodeURIComponent(room)}${seq === null ? "" : `/m/${seq}`}`;
}

/** The address of one message, for somebody else. */
export function messageLink(room: string, seq: number): string {
  return new URL(hashOf(room, seq), location.href).href;
}

/** Which room is on screen; the address bar says it, so links and "back" work. */
export class Router {
  readonly room = signal<string | null>(null);
  /** A message that the address names and nobody has shown yet. */
  readonly message = signal<{ room: string; seq: Seq } | null>(null);

  constructor() {
    this.read();
    addEventListener("hashchange", () => this.read());
  }

  open(room: string): void {
    location.hash = hashOf(room);
  }

  openMessage(room: string, seq: Seq): void {
    const hash = hashOf(room, seq);
    // The same address again is the same wish again, and no change that the browser would tell.
    if (location.hash === hash) this.read();
    else location.hash = hash;
  }

  /** Without an entry in the history: where "back" shouldn't return to. */
  replace(room: string | null): void {
    history.replaceState(
      null,
      "",
      room === null ? location.pathname + location.search : hashOf(room),
    );
    this.message.value = null;
    this.room.value = room;
  }

  /** The reader went on from the message that the address names. */
  leaveMessage(): void {
    const place = placeInHash(location.hash);
    if (place?.seq != null) this.replace(place.room);
  }

  private read(): void {
    const place = placeInHash(location.hash);
    batch(() => {
      this.room.value = place?.room ?? null;
      this.message.value = place?.seq == null ? null : { room: place.room, seq: place.seq };
    });
  }
}

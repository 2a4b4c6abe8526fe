import type { Signal } from "@preact/signals";
import type { MessageId } from "../../protocol/generated";
import type { MessageRef } from "../../store/timeline";

/** `#/r/<room>` and `#/r/<room>/m/<id>`. What a later page adds behind those still opens the room. */
const PLACE = /^#\/r\/([^/]+)(?:\/m\/(?:([1-9]\d{0,15})|([\da-f-]{36})))?(?:\/.*)?$/i;

/** What an address names: a room, or one message in it. */
export interface Place {
  room: string;
  /**
   * By its id: after a backup was restored, a seq may be that of another message. Links of earlier
   * versions have the seq.
   */
  message: MessageRef | null;
}

export function placeInHash(hash: string): Place | null {
  const [, encoded, seq, id] = PLACE.exec(hash) ?? [];
  if (encoded === undefined) return null;
  try {
    const room = decodeURIComponent(encoded).normalize("NFC");
    const message = seq === undefined ? (id?.toLowerCase() ?? null) : Number(seq);
    return { room, message };
  } catch {
    return null;
  }
}

export function hashOf(room: string, message: MessageRef | null = null): string {
  return `#/r/${encodeURIComponent(room)}${message === null ? "" : `/m/${message}`}`;
}

/** What of this very page an address names; null for every other address. */
export function hashHere(href: string): string | null {
  const [page, ...rest] = href.split("#");
  const hash = `#${rest.join("#")}`;
  return placeInHash(hash) !== null && page === location.href.split("#")[0] ? hash : null;
}

/** The address of one message, for somebody else. */
export function messageLink(room: string, id: MessageId): string {
  return new URL(hashOf(room, id), location.href).href;
}

/** Which room is on screen. */
export interface Router {
  readonly room: Signal<string | null>;
  /** A message that the address names and nobody has shown yet. */
  readonly message: Signal<Place | null>;
  open(room: string): void;
  /** Without an entry in the history: where "back" shouldn't return to. */
  replace(room: string | null): void;
  /** The reader went on from the message that the address names. */
  leaveMessage(): void;
}

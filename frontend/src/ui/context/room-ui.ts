import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { FileInfo, Quote, Seq, User } from "../../protocol/generated";
import type { Room } from "../../store/room";

/** What the message box is for. */
export type Composing =
  | { is: "new" }
  | { is: "reply"; to: Quote }
  | { is: "edit"; seq: Seq; body: string; mentions: readonly User[] };

/** What is open over the room; at most one. */
export type Opened =
  | { is: "menu" | "picker"; room: Room; seq: Seq; anchor: Element | null }
  | { is: "delete"; room: Room; seq: Seq }
  | { is: "about" | "pinned"; room: Room };

const NEW: Composing = { is: "new" };

/** What somebody is about to do with messages. One per page. */
export class RoomUi {
  readonly opened = signal<Opened | null>(null);
  /** The pictures of a message, large; null while none is. */
  readonly viewed = signal<{ pictures: readonly FileInfo[]; at: number } | null>(null);
  /** The message under the pointer, and the one that the keyboard is at, by id. */
  readonly hovered = signal<string | null>(null);
  readonly focused = signal<string | null>(null);
  readonly composings = new Map<string, Signal<Composing>>();

  composing(roomKey: string): Signal<Composing> {
    let composing = this.composings.get(roomKey);
    if (composing === undefined) {
      composing = signal(NEW);
      this.composings.set(roomKey, composing);
    }
    return composing;
  }

  reply(roomKey: string, to: Quote): void {
    this.composing(roomKey).value = { is: "reply", to };
  }

  edit(roomKey: string, seq: Seq, body: string, mentions: readonly User[]): void {
    this.composing(roomKey).value = { is: "edit", seq, body, mentions };
  }

  /** Back to a new message. */
  done(roomKey: string): void {
    this.composing(roomKey).value = NEW;
  }

  open(what: Opened): void {
    this.opened.value = what;
  }

  close(): void {
    this.opened.value = null;
  }
}

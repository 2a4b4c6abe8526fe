// What the server tells without being asked, and what becomes of it in the store.

import { batch } from "@preact/signals-core";
import type { ReadonlySignal } from "@preact/signals-core";
import type { Incoming, LogEntry, Server } from "../protocol/frames";
import type { Message, User } from "../protocol/generated";
import type { Directory } from "../store/directory";
import type { Outbox } from "../store/outbox";
import type { Room } from "../store/room";
import { Emitter } from "./emitter";
import { removeRoom, unlist } from "./removed-rooms";
import type { SyncContext } from "./sync-context";
import type { Membership } from "./membership";
import type { ReadPositions } from "./read-positions";
import type { Sender } from "./sender";

/** Somebody else said something in a joined room, just now. */
export interface Arrival {
  room: Room;
  message: Message;
}

export class Inbound {
  readonly arrivals = new Emitter<Arrival>();

  constructor(
    private readonly link: SyncContext,
    private readonly known: {
      me: ReadonlySignal<User | null>;
      membership: Membership;
      directory: Directory;
    },
    private readonly parts: { outbox: Outbox; reader: ReadPositions; sender: Sender },
    private readonly problem: (what: string) => void,
  ) {}

  private get me(): string | undefined {
    return this.known.me.value?.id;
  }

  /** Everything that answers no request. */
  heard(frame: Incoming): void {
    switch (frame.type) {
      case "entry":
        this.entry(frame.entry);
        return;
      case "presence":
        this.presence(frame);
        return;
      case "typing": {
        const room = this.known.membership.get(frame.room);
        if (room !== undefined && frame.user.id !== this.me) {
          this.someoneTypes(room, frame);
        }
        return;
      }
      case "read": {
        const room = this.known.membership.get(frame.room);
        if (room !== undefined) this.parts.reader.heard(room, frame);
        return;
      }
      case "directory":
        this.known.directory.merge(frame.rooms);
        if (frame.removed !== undefined) unlist(this.known.directory, frame.removed);
        return;
      case "removed": {
        const room = this.known.membership.get(frame.room);
        if (room === undefined) return;
        if (frame.renamed_to === undefined) removeRoom(this.known.membership, room);
        else room.renamedTo.value = frame.renamed_to;
        return;
      }
      case "error":
        this.problem(`${frame.code}: ${frame.message}`);
        return;
      default:
        return;
    }
  }

  private presence({ room: name, count, change }: Server<"presence">): void {
    const room = this.known.membership.get(name);
    if (room === undefined) return;
    room.roster.change(count, change);
    if (change.kind === "delta") for (const id of change.left) room.typing.stopped(id);
  }

  private someoneTypes(room: Room, frame: Server<"typing">): void {
    const { clock } = this.link;
    room.typing.heard(frame.user, frame.on, clock.now());
    const next = room.typing.nextLapse();
    if (next !== null) clock.after(next - clock.now() + 1, () => room.typing.lapse(clock.now()));
  }

  private entry(entry: LogEntry): void {
    const room = this.known.membership.get(entry.room);
    if (room === undefined) return;
    const meaning = room.timeline.append(entry);
    if (meaning === "gap") {
      this.known.membership.catchUp(room);
      return;
    }
    if (meaning === "duplicate") return;
    room.heard(entry);
    room.trim();
    this.settle(room, entry);
    if (entry.kind === "message" && entry.sender.id !== this.me) {
      this.arrivals.emit({ room, message: entry });
    }
  }

  /** A join brought what was missed. */
  caughtUp(room: Room, entries: readonly LogEntry[]): void {
    batch(() => {
      for (const entry of entries) this.settle(room, entry);
      this.parts.outbox.dropSent(room.key, room.timeline.head.value);
      this.parts.outbox.resend(room.key, room.timeline.head.value);
    });
    this.parts.sender.pump(room.key);
  }

  /** An entry is proof: of what it was asked for with, and that its sender stopped typing. */
  private settle(room: Room, entry: LogEntry): void {
    if (entry.kind === "opaque") return;
    this.parts.outbox.remove(entry.id);
    if (entry.kind !== "message") return;
    room.typing.stopped(entry.sender.id);
    if (entry.sender.id === this.me) room.read.said(entry.seq);
  }
}

import { computed, signal } from "@preact/signals-core";
import type { ReadonlySignal } from "@preact/signals-core";
import type { LogEntry } from "../protocol/frames";
import type { User } from "../protocol/generated";
import { roomKey } from "../protocol/rules";
import { RoomAbout } from "./about";
import type { Snapshot } from "./room-cache";
import { Roster } from "./roster";
import type { Storage } from "./storage";
import { Timeline } from "./timeline";
import { TypingTracker } from "./typing";
import { ReadMark } from "./unread";

/** What is held of a room that isn't on screen: what its last visit needs to be there at once. */
const MAX_AWAY = 1_000;

/** Where somebody looks at the room. */
export type ReaderPosition =
  /** At another room. */
  | "away"
  | "newest"
  /** At older entries: the oldest held must stay. */
  | "up";

export type MembershipState =
  /** Asked, not answered; also while there is no connection. */
  | { is: "joining" }
  | { is: "joined" }
  /** The server said no: `code` is the error's. */
  | { is: "refused"; code: string; message: string };

/** One room this person is in, or tries to be in. */
export class Room {
  /** Another one where the room gets another name (`sync/renamed-rooms.ts`). */
  key: string;
  readonly name;
  /** Its name now, until it goes by that here. */
  readonly renamedTo = signal<string>();
  readonly membership = signal<MembershipState>({ is: "joining" });
  readonly timeline = new Timeline();
  readonly about = new RoomAbout();
  readonly roster = new Roster();
  readonly typing = new TypingTracker();
  readonly read: ReadMark;
  /** What this browser kept of it is shown; the server has not answered yet. */
  readonly restored = signal(false);
  /** What there is to see is here, and how far it was read, or what this browser kept of both. */
  readonly ready: ReadonlySignal<boolean>;
  /** The server was asked what there is: what it answers would take the place of what was kept. */
  asked = false;
  /** Set by whoever shows the room. */
  reader: ReaderPosition = "away";
  /** A page is on its way. */
  readonly paging = signal<"older" | "newer" | null>(null);

  constructor(name: string, storage: Storage, me: ReadonlySignal<User | null>) {
    this.key = roomKey(name);
    this.name = signal(name);
    this.read = new ReadMark(storage, `read:${this.key}`, me);
    this.ready = computed(
      () => this.timeline.loaded.value && (this.read.known.value || this.restored.value),
    );
  }

  /** Shows what was kept, unless the server was first, or asked first. */
  restore({ epoch, head, about, from, entries }: Omit<Snapshot, "key" | "user" | "name">): void {
    const page = { entries, covers: { from, to: head } };
    if (this.asked || !this.timeline.restore(epoch, head, page)) return;
    this.about.now.value = about;
    this.read.restored(page, head);
    this.restored.value = true;
  }

  /** What the next entry changes beside the timeline. */
  heard(entry: LogEntry): void {
    this.about.heard(entry);
    this.read.heard(entry);
  }

  /** Lets go what nobody reads. */
  trim(): void {
    if (this.reader === "newest") this.timeline.trimOldest();
    else if (this.reader === "away") this.timeline.trimOldest(MAX_AWAY);
  }
}

/** Mine: what is joined or being joined; a refused one only while it is on screen. */
export function myRooms(rooms: readonly Room[]): Room[] {
  return rooms.filter((room) => {
    const membership = room.membership.value;
    return membership.is !== "refused" || membership.code !== "room_not_found";
  });
}

import { computed, signal } from "@preact/signals-core";
import type { ReadonlySignal } from "@preact/signals-core";
import type { User } from "../protocol/generated";
import { roomKey } from "../protocol/rules";
import { isMention } from "./mention";
import { Roster } from "./roster";
import type { Storage } from "./storage";
import { Timeline } from "./timeline";
import { TypingTracker } from "./typing";
import { ReadMark } from "./unread";

/** What is held of a room that isn't on screen: what its last visit needs to be there at once. */
const MAX_AWAY = 1_000;

/** Where somebody looks at the room. */
export type Reader =
  /** At another room. */
  | "away"
  | "newest"
  /** At older entries: the oldest held must stay. */
  | "up";

export type Membership =
  /** Asked, not answered; also while there is no connection. */
  | { is: "joining" }
  | { is: "joined" }
  /** The server said no: `code` is the error's. */
  | { is: "refused"; code: string; message: string };

/** One room this person is in, or tries to be in. */
export class Room {
  readonly key: string;
  readonly name;
  readonly membership = signal<Membership>({ is: "joining" });
  readonly timeline = new Timeline();
  readonly roster = new Roster();
  readonly typing = new TypingTracker();
  readonly read: ReadMark;
  /** How many of the unread messages call this person by name, as far as they are held. */
  readonly mentions: ReadonlySignal<number>;
  /** Set by whoever shows the room. */
  reader: Reader = "away";
  /** A page is on its way. */
  readonly paging = signal<"older" | "newer" | null>(null);

  constructor(name: string, storage: Storage, me: ReadonlySignal<User | null>) {
    this.key = roomKey(name);
    this.name = signal(name);
    this.read = new ReadMark(storage, `read:${this.key}`, this.timeline.head);
    this.mentions = computed(() => this.countMentions(me.value));
  }

  /** From the newest back: a room that is read costs nothing. */
  private countMentions(me: User | null): number {
    const read = this.read.seq.value;
    const entries = this.timeline.entries.value;
    let count = 0;
    for (let at = entries.length - 1; read !== null && at >= 0; at--) {
      const entry = entries[at];
      if (entry === undefined || entry.seq <= read) break;
      if (entry.kind === "message" && isMention(entry, me)) count += 1;
    }
    return count;
  }

  /** Lets go what nobody reads. */
  trim(): void {
    if (this.reader === "newest") this.timeline.trimOldest();
    else if (this.reader === "away") this.timeline.trimOldest(MAX_AWAY);
  }
}

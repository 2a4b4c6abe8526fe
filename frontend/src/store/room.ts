import { signal } from "@preact/signals-core";
import { roomKey } from "../protocol/rules";
import { Roster } from "./roster";
import type { Storage } from "./storage";
import { Timeline } from "./timeline";
import { TypingTracker } from "./typing";
import { ReadMark } from "./unread";

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
  /** The reader looks at older entries: the oldest held must stay. Set by whoever shows the room. */
  readerIsUp = false;
  /** A page is on its way. */
  readonly paging = signal<"older" | "newer" | null>(null);

  constructor(name: string, storage: Storage) {
    this.key = roomKey(name);
    this.name = signal(name);
    this.read = new ReadMark(storage, `read:${this.key}`, this.timeline.head);
  }
}

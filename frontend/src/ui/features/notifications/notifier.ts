// Which messages the system is asked to show, and when. No browser in here: `browser.ts` has it.

import type { Clock } from "../../../connection/ports";
import type { Message, User } from "../../../protocol/generated";
import { mentions } from "../../../store/fold";
import type { Room } from "../../../store/room";
import type { Arrival } from "../../../sync/inbound";
import type { NotificationLevel } from "../../context/preferences";

/** A room that was told of is told of again after this, with all that came meanwhile. */
export const GATHER_MS = 3_000;

export interface News {
  room: Room;
  /** The last of them. */
  latest: Arrival["message"];
  count: number;
}

export interface NotifierEnvironment {
  clock: Clock;
  level(): NotificationLevel;
  me(): User | null;
  /** Whether somebody looks at this room, in whichever tab. */
  isSeen(room: Room): Promise<boolean>;
  /** Whether this tab is the one to tell of it: true once for all tabs. */
  claim(news: News): Promise<boolean>;
  show(news: News): void;
}

/** Whether a message of somebody else's mentions this person. */
export function isMention(message: Pick<Message, "mentions" | "sender">, me: User | null): boolean {
  return me !== null && message.sender.id !== me.id && mentions(message, me.id);
}

export class Notifier {
  /** What came since a room was told of last. */
  private readonly gathering = new Map<Room, News | null>();

  constructor(private readonly world: NotifierEnvironment) {}

  heard({ room, message }: Arrival): void {
    const level = this.world.level();
    if (level === "none") return;
    if (level === "mentions" && !isMention(message, this.world.me())) return;
    const gathered = this.gathering.get(room);
    if (gathered === undefined) {
      void this.tell({ room, latest: message, count: 1 });
      this.pause(room);
    } else {
      this.gathering.set(room, { room, latest: message, count: (gathered?.count ?? 0) + 1 });
    }
  }

  private pause(room: Room): void {
    this.gathering.set(room, null);
    this.world.clock.after(GATHER_MS, () => {
      const news = this.gathering.get(room) ?? null;
      this.gathering.delete(room);
      if (news === null) return;
      void this.tell(news);
      this.pause(room);
    });
  }

  private async tell(news: News): Promise<void> {
    const { world } = this;
    if (await world.isSeen(news.room)) return;
    // It may have been read in the meantime, here or elsewhere.
    if ((news.room.read.seq.value ?? 0) >= news.latest.seq) return;
    if (await world.claim(news)) world.show(news);
  }
}

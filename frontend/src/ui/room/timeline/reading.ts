// What of a room was on screen: that alone counts as read. Loaded when the room is painted; nothing is
// read before.

import type { Signal } from "@preact/signals";
import type { Seq } from "../../../protocol/generated";
import { mentions } from "../../../store/fold";
import { placeOf } from "../../../store/held";
import type { Room } from "../../../store/room";
import type { App } from "../../context/app-context";
import { attentive } from "../../kit/attention";
import { isOutgoing } from "./rows";
import type { Row } from "./rows";
import { PREFETCH_PX } from "./scroll";
import type { ScrollManager } from "./scroll-manager";

/** What is unread beyond the screen. */
export interface News {
  count: number;
  /** When the first of it was said; null where that isn't held. */
  since: number | null;
}

/** What is seen of a row is rounded. */
const SLACK_PX = 1;

/** A row's place in the log; null for what has none. */
const seqOf = (row: Row | undefined): Seq | null => {
  if (row?.kind === "message") return isOutgoing(row.source) ? null : row.source.seq;
  return row?.kind === "gone" || row?.kind === "note" ? row.entry.seq : null;
};

export class Reading {
  /** Everything was seen, and what comes is seen as it comes, however much of it comes at once. */
  following = false;

  constructor(
    private readonly app: App,
    private readonly room: Room,
    private readonly scroll: ScrollManager<Row>,
    private readonly news: Signal<News | null>,
  ) {}

  /** The reader is somewhere, or looks there anew: what is seen is read, and more is fetched. */
  look(): void {
    const { room, scroll } = this;
    const { read, timeline } = room;
    const looks = attentive();
    const joined = room.membership.peek().is === "joined";
    // What a new connection brings at once is not seen as it comes.
    if (!looks || !joined || !scroll.stick) this.following = false;
    let goesOn = false;
    if (looks && read.known.peek()) {
      const seen = this.following ? timeline.head.peek() : this.seenTo();
      goesOn = seen > this.read;
      if (goesOn) read.mark(seen, this.unreadTo(seen));
      this.following = scroll.stick && joined && this.read >= timeline.head.peek();
    }
    this.tell(goesOn);
    this.page();
  }

  private get read(): Seq {
    return this.room.read.seq.peek() ?? 0;
  }

  private page(): void {
    const { app, room, scroll } = this;
    const { top, bottom } = scroll.distance;
    if (top < PREFETCH_PX) app.client.pager.older(room);
    if (bottom < PREFETCH_PX) app.client.pager.newer(room);
  }

  /** A row that somebody else's message is in, which is not read. */
  private isUnread(row: Row | undefined): boolean {
    const me = this.app.client.identity.user.peek()?.id;
    return row?.kind === "message" && row.sender.id !== me && (seqOf(row) ?? 0) > this.read;
  }

  /** The newest seq up to which everything unread was on screen; 0 where that is nothing more. */
  private seenTo(): Seq {
    const { scroll, room } = this;
    const { timeline } = room;
    const { layout } = scroll;
    const atHead = timeline.atHead.peek();
    if (room.read.count.peek() === 0) return scroll.stick && atHead ? timeline.head.peek() : 0;
    const view = layout.touching(scroll.top, scroll.top + scroll.page);
    if (this.firstUnread() < view.from) return 0;
    let seen = 0;
    for (let i = view.from; i < view.to; i++) {
      // Who saw its end has seen it: a message may be higher than the view.
      if (layout.top(i + 1) > scroll.top + scroll.page + SLACK_PX) return seen;
      seen = seqOf(layout.row(i)) ?? seen;
    }
    // A page may be here whose rows are not: the end of those is not the newest then.
    const last = timeline.entries.peek().at(-1)?.seq ?? 0;
    return atHead && seen >= last ? timeline.head.peek() : seen;
  }

  /** The first unread row: -1 where it is above those that are held, their number where below. */
  private firstUnread(): number {
    const { layout } = this.scroll;
    if (this.room.timeline.oldest > this.read + 1) return -1;
    let first = layout.count;
    for (let i = layout.count - 1; i >= 0; i--) {
      const seq = seqOf(layout.row(i));
      if (seq !== null && seq <= this.read) break;
      if (this.isUnread(layout.row(i))) first = i;
    }
    return first;
  }

  /** How much of what is held was unread up to there. */
  private unreadTo(seq: Seq): { unread: number; mentions: number } {
    const entries = this.room.timeline.entries.peek();
    const me = this.app.client.identity.user.peek()?.id;
    const seen = entries
      .slice(placeOf(entries, this.read + 1), placeOf(entries, seq + 1))
      .filter((entry) => entry.kind === "message" && entry.sender.id !== me);
    const mine = seen.filter((entry) => entry.kind === "message" && mentions(entry, me));
    return { unread: seen.length, mentions: mine.length };
  }

  /** Tells what is unread of who came to it, or past it: for what comes below there is the pill. */
  private tell(goesOn: boolean): void {
    const { news, room, scroll } = this;
    const count = room.read.count.peek();
    const now = news.peek();
    if (count === 0) {
      news.value = null;
      return;
    }
    if (now === null) {
      const view = scroll.layout.touching(scroll.top, scroll.top + scroll.page);
      const below = view.to < scroll.layout.count || !room.timeline.atHead.peek();
      if (this.firstUnread() >= view.from && !(goesOn && below)) return;
    }
    const since = now?.since ?? this.since();
    if (now?.count !== count || now.since !== since) news.value = { count, since };
  }

  private since(): number | null {
    const { room, app } = this;
    const after = app.views.of(room.key).divider.after ?? this.read;
    const entries = room.timeline.entries.peek();
    const first = entries[placeOf(entries, after + 1)];
    return room.timeline.oldest > after + 1 || first?.kind !== "message" ? null : first.at;
  }
}

// Which messages of others a room has above some seq: what unread counts are made of. Pure.

import type { LogEntry, PagePart } from "../protocol/frames";
import type { Seq } from "../protocol/generated";

export interface UnreadCount {
  unread: number;
  mentions: number;
}

interface Counted {
  seq: Seq;
  sender: string;
  mentions: readonly string[];
}

/** More than a badge tells ("99+"), with room for what is deleted again. */
const MAX_COUNTED = 300;

const ids = (users: readonly { id: string }[] | undefined) => users?.map((user) => user.id) ?? [];

export class UnreadCounter {
  private messages: Counted[] = [];
  private newest: Seq = 0;
  /** Every message above this is in it. */
  above: Seq = 0;

  /** Starts anew from a page that reaches the head. */
  reset(page: PagePart): void {
    this.messages = [];
    this.above = page.covers.from - 1;
    this.newest = this.above;
    this.caughtUp(page);
  }

  /** What was missed. */
  caughtUp({ entries, covers, updated = [] }: PagePart): void {
    for (const entry of entries) this.heard(entry);
    this.newest = Math.max(this.newest, covers.to);
    for (const entry of updated) {
      if (entry.kind === "tombstone") this.forget(entry.seq);
      else if (entry.kind === "message") this.mentioned(entry.seq, entry.mentions);
    }
  }

  /** The next entry of the room; one that was heard already changes nothing. */
  heard(entry: LogEntry): void {
    if (entry.seq <= this.newest) return;
    this.newest = entry.seq;
    if (entry.kind === "message") {
      this.messages.push({
        seq: entry.seq,
        sender: entry.sender.id,
        mentions: ids(entry.mentions),
      });
      if (this.messages.length > MAX_COUNTED) this.above = this.messages.shift()?.seq ?? this.above;
    } else if (entry.kind === "delete") {
      this.forget(entry.target);
    } else if (entry.kind === "edit" && entry.body !== undefined) {
      this.mentioned(entry.target, entry.mentions);
    }
  }

  private forget(seq: Seq): void {
    this.messages = this.messages.filter((message) => message.seq !== seq);
  }

  private mentioned(seq: Seq, users: readonly { id: string }[] | undefined): void {
    const edited = this.messages.find((message) => message.seq === seq);
    if (edited !== undefined) edited.mentions = ids(users);
  }

  /** Messages that somebody else than this person sent, above a seq. */
  count(read: Seq, me: string): UnreadCount {
    const unread = this.messages.filter((one) => one.seq > read && one.sender !== me);
    return {
      unread: unread.length,
      mentions: unread.filter((one) => one.mentions.includes(me)).length,
    };
  }
}

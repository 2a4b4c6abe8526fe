import { computed, signal } from "@preact/signals-core";
import type { ReadonlySignal } from "@preact/signals-core";
import type { LogEntry, PagePart } from "../protocol/frames";
import { MAX_UNREAD } from "../protocol/generated";
import type { Epoch, ReadState, Seq, User } from "../protocol/generated";
import { mentions } from "./fold";
import { isRecord } from "../protocol/read";
import { getJson } from "./storage";
import type { Storage } from "./storage";
import { UnreadCounter } from "./unread-counter";
import type { UnreadCount } from "./unread-counter";

/** What the server counted above a seq; or this browser, before a reload. */
type Told = UnreadCount & { read: Seq };

const NONE: UnreadCount = { unread: 0, mentions: 0 };

/**
 * Up to where a room was read, and what of it isn't. The server keeps that for all sessions of a
 * person, and the highest seq counts; this browser keeps a copy for when there is no connection.
 */
export class ReadMark {
  /** Null until the first join of a room that was never read. */
  readonly seq = signal<Seq | null>(null);
  /** The server said how far this person has read, or that it can't. Nothing is marked before. */
  readonly known = signal(false);
  /** Messages of others. */
  readonly count: ReadonlySignal<number>;
  /** Those of them that mention this person. */
  readonly mentions: ReadonlySignal<number>;
  /**
   * The server doesn't know yet how far was read. It is to hear so `atOnce` where it knows of nothing:
   * another device that comes now would begin with what was said meanwhile.
   */
  marked: (atOnce: boolean) => void = () => undefined;
  private epoch: Epoch | null = null;
  private head: Seq = 0;
  /** The head that the last join told: what is said after it is news. */
  private entered: Seq = 0;
  /** Joined on this connection. */
  private joinedNow = false;
  /** What the server said on this connection, until the join is answered too. */
  private answer: Told | "never" | "silent" | null = null;
  /** Nobody said how far was read: `seq` is a guess, kept nowhere, and whoever knows is right. */
  private guessed = false;
  private readonly told = signal<Told | null>(null);
  private readonly tally = new UnreadCounter();
  /** Goes up with what is in the tally; 0 before the first join. */
  private readonly tallied = signal(0);

  constructor(
    private readonly storage: Storage,
    /** Where it is kept; another place where the room gets another name. */
    public key: string,
    private readonly me: ReadonlySignal<User | null>,
  ) {
    this.load();
    const counts = computed(() => this.counts());
    this.count = computed(() => counts.value.unread);
    this.mentions = computed(() => counts.value.mentions);
  }

  /** What this browser kept of the room is shown: the join goes on from it. */
  restored(page: PagePart, head: Seq): void {
    this.head = head;
    this.tally.reset(page);
    this.tallied.value += 1;
  }

  /** A join was answered; the page follows what was heard before, or reaches the head. */
  joined(epoch: Epoch, head: Seq, page: PagePart, resumes: boolean): void {
    this.head = head;
    this.entered = head;
    this.joinedNow = true;
    if (resumes) this.tally.caughtUp(page);
    else this.tally.reset(page);
    this.tallied.value += 1;
    if (this.epoch !== epoch) {
      this.epoch = epoch;
      this.told.value = null;
      if (this.seq.value !== null) this.seq.value = Math.min(this.seq.value, head);
      // Another tab may have read on in this epoch already.
      this.load();
    }
    this.settle();
  }

  /** The next entry of the room. */
  heard(entry: LogEntry): void {
    this.head = Math.max(this.head, entry.seq);
    const told = this.told.value;
    const me = this.me.value?.id;
    if (told !== null && entry.seq > told.read) {
      if (entry.kind === "message" && entry.sender.id !== me) {
        this.told.value = plus(told, 1, mentions(entry, me) ? 1 : 0);
      } else if (entry.kind === "delete" && entry.sender.id !== me && entry.target > told.read) {
        this.told.value = plus(told, -1, 0);
      }
    }
    this.tally.heard(entry);
    this.tallied.value += 1;
  }

  /** The server's answer; null where this person never read. */
  answered(state: Omit<ReadState, "room"> | null): void {
    this.answer = state ?? "never";
    this.settle();
  }

  /** It doesn't say: what this browser knows counts. */
  unanswered(): void {
    this.answer ??= "silent";
    this.settle();
  }

  /** The connection is gone, and what was said on it. */
  lost(): void {
    this.joinedNow = false;
    this.answer = null;
  }

  /** This person read on in another session. */
  readElsewhere(state: Omit<ReadState, "room">): void {
    if (this.epoch === null || (!this.guessed && state.read <= (this.seq.value ?? -1))) return;
    // What was read there may still be on its way to here.
    this.advance(state.read, state);
  }

  /**
   * Everything up to here was on screen, or is to count as if it had been. `seen` is how much of it was
   * unread: it is taken off what the server counted, where this page doesn't hold what is left.
   */
  mark(seq: Seq, seen: UnreadCount = NONE): void {
    if (!this.known.value || this.epoch === null || seq <= (this.seq.value ?? -1)) return;
    this.load();
    if (seq <= (this.seq.value ?? -1)) return;
    const told = this.told.value;
    this.advance(seq, told && this.above(seq, plus(told, -seen.unread, -seen.mentions)));
    this.marked(false);
  }

  /** This person said something. Who answers hasn't seen what is still unread before it. */
  said(seq: Seq): void {
    if (this.count.value === 0) this.mark(seq);
  }

  /** Takes what this browser kept, or another tab marked. */
  load(): void {
    const kept = getJson(this.storage, this.key);
    if (!isRecord(kept)) return;
    const { epoch, seq, unread, mentions } = kept;
    if (typeof epoch !== "string" || !isCount(seq)) return;
    if (this.epoch !== null && epoch !== this.epoch) return;
    this.epoch = epoch;
    if (!this.guessed && seq <= (this.seq.value ?? -1)) return;
    this.guessed = false;
    this.seq.value = seq;
    const counted = isCount(unread) && isCount(mentions);
    this.told.value = counted ? { read: seq, unread, mentions } : null;
  }

  forget(): void {
    this.seq.value = null;
    this.told.value = null;
    this.known.value = false;
    this.guessed = false;
    this.epoch = null;
    this.storage.remove(this.key);
  }

  /** Both the join and the marker are answered. */
  private settle(): void {
    const { answer } = this;
    if (answer === null || !this.joinedNow) return;
    this.answer = null;
    const kept = this.seq.value;
    if (typeof answer === "object" && (this.guessed || answer.read >= (kept ?? 0))) {
      this.advance(answer.read, answer);
    } else if (answer === "silent") {
      if (kept === null) {
        this.guessed = true;
        this.seq.value = this.entered;
      }
    } else {
      // A room that is entered for the first time owes nothing.
      const read = kept ?? this.entered;
      this.advance(read, typeof answer === "object" ? this.above(read, answer) : null);
      this.marked(answer === "never");
    }
    this.known.value = true;
  }

  /** A count that is as high or too high: there are no more unread messages than entries. */
  private above(seq: Seq, { unread, mentions }: UnreadCount): UnreadCount {
    const most = this.head - seq;
    return { unread: Math.min(unread, most), mentions: Math.min(mentions, most) };
  }

  private advance(seq: Seq, told: UnreadCount | null): void {
    this.guessed = false;
    this.seq.value = seq;
    this.told.value = told === null ? null : { read: seq, ...only(told) };
    const { unread, mentions } = this.counts();
    this.storage.set(this.key, JSON.stringify({ epoch: this.epoch, seq, unread, mentions }));
  }

  private counts(): UnreadCount {
    const read = this.seq.value;
    const told = this.told.value;
    const me = this.me.value?.id;
    const tallied = this.tallied.value > 0;
    if (read === null || me === undefined) return NONE;
    const own = this.tally.count(read, me);
    if ((tallied && read >= this.tally.above) || told?.read !== read) return own;
    return {
      unread: Math.max(own.unread, told.unread),
      mentions: Math.max(own.mentions, told.mentions),
    };
  }
}

const only = ({ unread, mentions }: UnreadCount): UnreadCount => ({ unread, mentions });

function plus(told: Told, unread: number, mentions: number): Told {
  // At its bound a count stands for "so many, or more".
  const sum = (count: number, more: number) =>
    count >= MAX_UNREAD ? count : Math.max(0, count + more);
  return {
    read: told.read,
    unread: sum(told.unread, unread),
    mentions: sum(told.mentions, mentions),
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

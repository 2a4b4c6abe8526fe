import { coversOf } from "../../src/protocol/covers";
import type { LogEntry, PagePart } from "../../src/protocol/frames";
import type {
  About,
  Covers,
  Message,
  Presence,
  ReadState,
  ServerFrame,
  User,
} from "../../src/protocol/generated";
import type { PendingOperation, OutboxStorage } from "../../src/store/outbox";
import type { Room } from "../../src/store/room";
import type { Cache, Snapshot } from "../../src/store/room-cache";
import { memoryStorage } from "../../src/store/storage";
import type { Storage } from "../../src/store/storage";
import { RoomCacheWriter } from "../../src/sync/room-cache-writer";
import { Client } from "../../src/sync/client";
import { ManualClock } from "./clock";
import { seeded } from "./random";
import { ADA, EPOCH, ME, welcome, Wire } from "./wire";

/** A disk that keeps in memory; what dead tabs left is put into `left`. */
export class MemoryKeep implements OutboxStorage {
  readonly kept = new Map<string, PendingOperation>();
  left: PendingOperation[] = [];

  put(operation: PendingOperation): void {
    this.kept.set(operation.id, operation);
  }

  remove(id: string): void {
    this.kept.delete(id);
  }

  adopt(): Promise<PendingOperation[]> {
    const { left } = this;
    this.left = [];
    return Promise.resolve(left);
  }
}

export function message(
  room: string,
  seq: number,
  more: Partial<Message> = {},
): LogEntry & Message {
  return {
    kind: "message",
    room,
    seq,
    id: `${room}-${seq}`,
    sender: ADA,
    at: 1_763_866_800_000 + seq * 1_000,
    body: `message ${seq}`,
    ...more,
  };
}

export function messages(room: string, from: number, to: number): (LogEntry & Message)[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => message(room, from + i));
}

/** A page that leaves nothing out, as far as it has no hole. */
export function part(entries: readonly LogEntry[], head = 0): PagePart {
  return { entries, covers: coversOf(entries, head) };
}

export const seqs = (entries: readonly LogEntry[]): number[] => entries.map((entry) => entry.seq);

const present = (...users: User[]): Presence => ({ count: users.length, users, complete: true });

/** What an earlier page left. */
interface Before {
  storage?: Storage;
  keep?: MemoryKeep;
  cache?: MemoryCache;
  clock?: ManualClock;
}

interface Joining {
  head?: number;
  entries?: readonly LogEntry[];
  covers?: Covers;
  updated?: readonly LogEntry[];
  reset?: boolean;
  epoch?: string;
  members?: Presence;
  about?: About;
}

/** Rooms as they were left, in memory. */
export class MemoryCache implements Cache {
  readonly kept = new Map<string, Snapshot>();

  load(user: string): Promise<Snapshot[]> {
    return Promise.resolve([...this.kept.values()].filter((kept) => kept.user === user));
  }

  put(snapshot: Snapshot): void {
    this.kept.set(snapshot.key, snapshot);
  }

  remove(key: string): void {
    this.kept.delete(key);
  }
}

/** A whole page without a browser: the real client on a virtual wire, clock and disk. */
export class Page {
  readonly wire = new Wire();
  readonly clock: ManualClock;
  readonly keep: MemoryKeep;
  readonly cache: MemoryCache;
  readonly storage: Storage;
  readonly problems: string[] = [];
  /** What the server answers to `unread`: nothing was ever read there, unless a test says so. */
  readonly readStates: ReadState[] = [];
  readonly client: Client;
  readonly cacher: RoomCacheWriter;

  constructor(before: Before = {}) {
    this.clock = before.clock ?? new ManualClock();
    this.keep = before.keep ?? new MemoryKeep();
    this.cache = before.cache ?? new MemoryCache();
    this.storage = before.storage ?? memoryStorage();
    const bytes = seeded(7);
    this.client = new Client({
      openSocket: this.wire.open,
      clock: this.clock,
      random: seeded(42),
      randomBytes: (buffer) => buffer.forEach((_, i) => (buffer[i] = Math.floor(bytes() * 256))),
      storage: this.storage,
      keep: this.keep,
      problem: (what) => void this.problems.push(what),
    });
    const user = () => this.client.identity.user.value?.id ?? null;
    this.cacher = new RoomCacheWriter(this.clock, this.client.membership.rooms, user, this.cache);
  }

  /** As the browser does it: what was kept, then the connection. */
  start(): void {
    this.cacher.start();
    this.client.start();
  }

  /** A page whose person is known and greeted. */
  static greeted(before: ConstructorParameters<typeof Page>[0] = {}): Page {
    const page = new Page(before);
    page.start();
    if (page.wire.peers.length === 0) page.client.setName(ME.name);
    page.greet();
    return page;
  }

  get peer() {
    return this.wire.peer;
  }

  greet(user: User = ME, token = "token-1"): void {
    this.peer.accept();
    this.peer.next("hello");
    this.peer.say(welcome(user, token));
  }

  say(frame: ServerFrame | Record<string, unknown>): void {
    this.peer.say(frame);
  }

  entry(entry: LogEntry): void {
    this.say({ type: "entry", ...entry });
  }

  /** The server is there, whatever else it does. */
  answerPings(): void {
    while (this.peer.unread("ping").length > 0) {
      this.peer.next("ping");
      this.say({ type: "pong" });
    }
  }

  /** Answers how far the rooms that were asked for are read. */
  answerUnread(): void {
    while (this.peer.unread("unread").length > 0) {
      const { ref, rooms } = this.peer.next("unread");
      this.say({
        type: "unread",
        ref,
        rooms: this.readStates.filter((state) => rooms.includes(state.room)),
      });
    }
  }

  /** Answers the oldest unanswered join of a room, and before it how far rooms are read. */
  answerJoin(
    room: string,
    { head, entries = [], reset = false, epoch = EPOCH, members, about, ...rest }: Joining,
  ) {
    this.answerUnread();
    const join = this.peer.next("join");
    if (join.room !== room) throw new Error(`joins ${join.room}, not ${room}`);
    this.say({
      type: "joined",
      ref: join.ref,
      room,
      epoch,
      head: head ?? entries.at(-1)?.seq ?? 0,
      members: members ?? present(ME),
      ...(about === undefined ? {} : { about }),
      entries,
      ...rest,
      reset,
    });
    return join;
  }

  /** A room that holds entries 1 to `head`, or the last hundred of them. */
  joined(name: string, head = 3): Room {
    const room = this.client.membership.enter(name);
    this.answerJoin(name, { head, entries: messages(name, Math.max(1, head - 99), head) });
    return room;
  }

  /** Loses the connection and greets on a new one. */
  reconnect(): void {
    this.peer.drop();
    this.client.nudge();
    this.greet();
  }

  refuse(ref: number, code: string, retryAfter?: number): void {
    const retry = retryAfter === undefined ? {} : { retry_after: retryAfter };
    this.say({ type: "error", ref, code, message: `it is ${code}`, ...retry });
  }

  /** Lets promises that are settled already call back. */
  async settle(): Promise<void> {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }
}

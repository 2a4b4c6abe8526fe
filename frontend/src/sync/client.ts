// The page's whole knowledge of the chat, and everything a person can do in it. The only place
// that joins the connection to the store.

import { batch, signal } from "@preact/signals-core";
import { Connection } from "../connection/connection";
import type { State } from "../connection/connection";
import type { Clock, OpenSocket, Random } from "../connection/ports";
import type { Failure, Outcome } from "../connection/requests";
import type { Incoming, LogEntry, Server } from "../protocol/frames";
import type { Limits, Message, RoomInfo, ServerInfo, User } from "../protocol/generated";
import { uuidv7 } from "../protocol/uuid";
import type { RandomBytes } from "../protocol/uuid";
import { Directory } from "../store/directory";
import { Drafts } from "../store/drafts";
import { Identity } from "../store/identity";
import { JoinedRooms } from "../store/joined-rooms";
import { Outbox } from "../store/outbox";
import type { Delivery, Errand, Extras, Keep, OutgoingChange, Wish } from "../store/outbox";
import type { Room } from "../store/room";
import type { Storage } from "../store/storage";
import { filesOf, Uploads } from "../store/uploads";
import { Emitter } from "./emitter";
import type { Link } from "./link";
import { Membership } from "./membership";
import { Pager } from "./pager";
import { Reader } from "./reader";
import { Sender } from "./sender";
import { Typist } from "./typist";
import { Watcher } from "./watcher";

export interface World {
  openSocket: OpenSocket;
  clock: Clock;
  random: Random;
  randomBytes: RandomBytes;
  storage: Storage;
  keep: Keep & { adopt(): Promise<Errand[]> };
  /** Something that a developer should see and a person can't act on. */
  problem(what: string): void;
}

/** Somebody else said something in a joined room, just now. */
export interface Arrival {
  room: Room;
  message: Message;
}

/** What is looked for, and where: in a room, or in all that one is in. */
export interface Sought {
  query: string;
  room?: string;
  more?: string;
}

/** The server said no to a change that was shown already. */
export interface Undone {
  change: OutgoingChange;
  failure: Failure;
}

export class Client {
  readonly state = signal<State>({ is: "idle" });
  readonly server = signal<ServerInfo | null>(null);
  /** Why the last name was refused; the name dialog shows it. */
  readonly nameProblem = signal<Failure | null>(null);
  /** A name was given and not yet granted. */
  readonly naming = signal(false);
  readonly arrivals = new Emitter<Arrival>();
  readonly undone = new Emitter<Undone>();
  readonly identity: Identity;
  readonly directory = new Directory();
  readonly drafts: Drafts;
  readonly outbox: Outbox;
  readonly membership: Membership;
  readonly uploads = new Uploads();
  /** The bounds that the server told; null before the first welcome. */
  readonly limits = signal<Limits | null>(null);
  /** What files are fetched with; each welcome brings another one. */
  readonly ticket = signal("");
  readonly pager: Pager;
  readonly typist: Typist;
  readonly watcher: Watcher;
  private readonly connection: Connection;
  private readonly sender: Sender;
  private readonly reader: Reader;
  private lastAsked = 0;

  constructor(private readonly world: World) {
    const { clock, random, storage } = world;
    this.identity = new Identity(storage);
    this.drafts = new Drafts(storage);
    this.outbox = new Outbox(world.keep);
    this.connection = new Connection(world.openSocket, clock, random, {
      credentials: () => this.identity.credentials(),
      refused: (failure) => this.helloRefused(failure),
      state: (state) => this.entered(state),
      welcome: (frame) => batch(() => this.welcomed(frame)),
      frame: (frame) => batch(() => this.heard(frame)),
      problem: (what) => world.problem(what),
    });
    const link: Link = { connection: this.connection, clock, random };
    this.reader = new Reader(link);
    this.membership = new Membership(link, storage, new JoinedRooms(storage), {
      me: this.identity.user,
      added: (room) => {
        room.read.marked = (atOnce) => this.reader.tell(room, atOnce);
      },
      joining: (room) => this.reader.ask([room]),
      caughtUp: (room, entries) => this.caughtUp(room, entries),
    });
    this.sender = new Sender(link, this.outbox, {
      get: (key) => this.membership.get(key),
      join: (room) => this.membership.join(room),
      undone: (change, failure) => this.undone.emit({ change, failure }),
    });
    this.pager = new Pager(link, (room) => this.membership.catchUp(room));
    this.typist = new Typist(link);
    this.watcher = new Watcher(link, this.directory);
  }

  /** Connects when somebody is known; otherwise waits for `setName`. */
  start(): void {
    this.connection.connect();
    this.adopt();
  }

  retryNow(): void {
    this.connection.connect();
  }

  /** The network came back, or the page was looked at again. */
  nudge(): void {
    this.connection.nudge();
  }

  /** A name that passed the local rules. The server has the last word. */
  setName(name: string): void {
    if (name === this.identity.user.value?.name && this.state.value.is === "open") return;
    this.identity.want(name);
    this.nameProblem.value = null;
    this.naming.value = true;
    this.connection.reconnect();
  }

  /** Makes a room and enters it. A room that exists already is entered too. */
  create(name: string, done: (failure: Failure | null) => void): void {
    this.connection.request({ type: "create", room: name }, (outcome) => {
      if (outcome.ok || outcome.failure.code === "room_exists") {
        this.membership.enter(name);
        done(null);
      } else {
        done(outcome.failure);
      }
    });
  }

  /** Asks for the rooms whose name contains this; `done` hears nothing when there is no answer. */
  find(query: string, done: (rooms: readonly RoomInfo[]) => void): void {
    this.connection.request({ type: "rooms", query }, (outcome) => {
      if (outcome.ok) done(outcome.frame.rooms);
    });
  }

  leave(room: Room): void {
    this.typist.stopped();
    this.reader.forget(room);
    this.membership.leave(room);
  }

  send(room: Room, body: string, extras: Extras = {}): void {
    this.ask(room, { kind: "message", body, ...extras });
    this.typist.stopped();
  }

  /** Asks for a change: it is shown at once, and sent when its turn comes. */
  change(room: Room, wish: Wish): void {
    this.ask(room, wish);
  }

  retry(id: string): void {
    const errand = this.outbox.get(id);
    const at = this.stamp();
    this.outbox.retry(id, uuidv7(at, this.world.randomBytes), at);
    if (errand !== undefined) this.sender.pump(errand.roomKey);
  }

  private ask(room: Room, what: Wish | ({ kind: "message"; body: string } & Extras)): void {
    const at = this.stamp();
    const id = uuidv7(at, this.world.randomBytes);
    const seen = room.timeline.head.value;
    const head = { id, room: room.name.value, roomKey: room.key, at, seen };
    const waits = what.kind === "message" && this.uploads.tray(room.key).length > 0;
    batch(() => {
      const delivery: Delivery = waits ? { is: "pending", uploading: true } : { is: "pending" };
      this.outbox.add({ ...head, delivery, ...what });
      if (waits) this.uploads.take(room.key, id);
    });
    if (waits) this.uploaded(id);
    else this.sender.pump(room.key);
  }

  /** A file of a message came, or was taken out: with the last one it is sent. */
  uploaded(id: string): void {
    const message = this.outbox.get(id);
    if (message?.kind !== "message") return;
    const files = filesOf(this.uploads.of(id));
    if (files === null) return;
    batch(() => {
      if (files.length === 0 && message.body === "") this.outbox.remove(id);
      else this.outbox.uploaded(id, files, this.stamp());
      this.uploads.drop(id);
    });
    this.sender.pump(message.roomKey);
  }

  /** Never the same twice: what is asked for in one millisecond keeps its order after a reload. */
  private stamp(): number {
    this.lastAsked = Math.max(this.world.clock.now(), this.lastAsked + 1);
    return this.lastAsked;
  }

  discard(id: string): void {
    batch(() => {
      this.outbox.remove(id);
      this.uploads.drop(id);
    });
  }

  /** Messages in which words are found; `more` goes on from an answer. */
  search(what: Sought, done: (outcome: Outcome<Server<"results">>) => void): void {
    this.connection.request({ type: "search", ...what }, done);
  }

  /** The pinned messages of a room as they are now, the latest pinned first. */
  pinned(room: Room, done: (outcome: Outcome<Server<"pinned">>) => void): void {
    this.connection.request({ type: "pinned", room: room.name.value }, done);
  }

  /** People who read in a room, also when they are away; nobody where there is no answer. */
  members(room: Room, query: string, done: (users: readonly User[]) => void): void {
    const request = { type: "members", room: room.name.value, query } as const;
    this.connection.request(request, (outcome) => done(outcome.ok ? outcome.frame.users : []));
  }

  /** The page goes, or isn't looked at any more. */
  leaving(): void {
    this.reader.flush();
  }

  /** Another tab of this browser stored something. */
  otherTabWrote(key: string): void {
    if (key === "identity") this.otherTabNamed();
    this.drafts.otherTabWrote(key);
    for (const room of this.membership.rooms.value) {
      if (key === `read:${room.key}`) room.read.load();
    }
  }

  /** All tabs of a browser are one person: whom it keeps counts, also for a tab that waits. */
  private otherTabNamed(): void {
    const before = this.identity.user.value?.id;
    this.identity.reload();
    const now = this.identity.user.value?.id;
    if (now === undefined) return;
    if (this.connection.state.is === "idle") this.connection.connect();
    else if (before !== undefined && before !== now) this.connection.reconnect();
  }

  /** Takes over what closed tabs left unsent. */
  adopt(): void {
    this.world.keep.adopt().then(
      (messages) => {
        if (messages.length === 0) return;
        this.outbox.restore(messages);
        this.sender.pumpAll();
      },
      (error: unknown) => this.world.problem(String(error)),
    );
  }

  private entered(state: State): void {
    batch(() => {
      const wasOpen = this.state.value.is === "open";
      this.state.value = state;
      if (wasOpen && state.is !== "open") this.membership.lost();
      if (state.is === "stopped" && this.naming.value) {
        // Nobody will answer: give the dialog back to the person.
        const message = state.message === "" ? state.why : state.message;
        this.naming.value = false;
        this.nameProblem.value = {
          code: "other",
          message,
          retryAfter: undefined,
          retryable: false,
        };
      }
    });
  }

  private helloRefused(failure: Failure): boolean {
    if (failure.code === "invalid_token") {
      this.identity.dropToken();
    } else {
      this.nameProblem.value = failure;
      this.naming.value = false;
      if (this.identity.wants === null) this.identity.forgetName();
      else this.identity.unwant();
    }
    return this.identity.credentials() !== null;
  }

  private welcomed(frame: Server<"welcome">): void {
    this.identity.welcomed(frame.user, frame.token);
    this.naming.value = false;
    this.server.value = frame.server;
    this.limits.value = frame.limits;
    this.ticket.value = frame.ticket;
    this.sender.reset();
    this.reader.reset();
    // Before the joins: where a reader begins is known when the messages come.
    this.reader.ask(this.membership.rooms.value);
    this.membership.enterAll();
    this.watcher.start();
    this.adopt();
  }

  private heard(frame: Incoming): void {
    switch (frame.type) {
      case "entry":
        this.entry(frame.entry);
        return;
      case "presence":
        this.presence(frame);
        return;
      case "typing": {
        const room = this.membership.get(frame.room);
        if (room !== undefined && frame.user.id !== this.identity.user.value?.id) {
          this.someoneTypes(room, frame);
        }
        return;
      }
      case "read": {
        const room = this.membership.get(frame.room);
        if (room !== undefined) this.reader.heard(room, frame);
        return;
      }
      case "directory":
        this.directory.merge(frame.rooms);
        return;
      case "error":
        this.world.problem(`${frame.code}: ${frame.message}`);
        return;
      default:
        return;
    }
  }

  private presence({ room: name, count, change }: Server<"presence">): void {
    const room = this.membership.get(name);
    if (room === undefined) return;
    room.roster.change(count, change);
    if (change.kind === "delta") for (const id of change.left) room.typing.stopped(id);
  }

  private someoneTypes(room: Room, frame: Server<"typing">): void {
    const { clock } = this.world;
    room.typing.heard(frame.user, frame.on, clock.now());
    const next = room.typing.nextLapse();
    if (next !== null) clock.after(next - clock.now() + 1, () => room.typing.lapse(clock.now()));
  }

  private entry(entry: LogEntry): void {
    const room = this.membership.get(entry.room);
    if (room === undefined) return;
    const meaning = room.timeline.append(entry);
    if (meaning === "gap") {
      this.membership.catchUp(room);
      return;
    }
    if (meaning === "duplicate") return;
    room.heard(entry);
    room.trim();
    this.settle(room, entry);
    if (entry.kind === "message" && entry.sender.id !== this.identity.user.value?.id) {
      this.arrivals.emit({ room, message: entry });
    }
  }

  private caughtUp(room: Room, entries: readonly LogEntry[]): void {
    batch(() => {
      for (const entry of entries) this.settle(room, entry);
      this.outbox.dropSent(room.key, room.timeline.head.value);
      this.outbox.resend(room.key, room.timeline.head.value);
    });
    this.sender.pump(room.key);
  }

  /** An entry is proof: of what it was asked for with, and that its sender stopped typing. */
  private settle(room: Room, entry: LogEntry): void {
    if (entry.kind === "opaque") return;
    const seen = this.outbox.get(entry.id)?.seen ?? null;
    this.outbox.remove(entry.id);
    if (entry.kind !== "message") return;
    room.typing.stopped(entry.sender.id);
    if (entry.sender.id === this.identity.user.value?.id) room.read.said(entry.seq, seen);
  }
}

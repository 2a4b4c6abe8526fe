// The page's whole knowledge of the chat, and everything a person can do in it. The only place
// that joins the connection to the store.

import { batch, signal } from "@preact/signals-core";
import { Connection } from "../connection/connection";
import type { Answers, Request, State } from "../connection/connection";
import type { Clock, OpenSocket, Random } from "../connection/ports";
import type { Failure, Outcome } from "../connection/requests";
import type { Server } from "../protocol/frames";
import type { Limits, ServerInfo } from "../protocol/generated";
import type { RandomBytes } from "../protocol/uuid";
import { Directory } from "../store/directory";
import { Drafts } from "../store/drafts";
import { Identity } from "../store/identity";
import { JoinedRooms } from "../store/joined-rooms";
import { Outbox } from "../store/outbox";
import type {
  PendingOperation,
  MessageExtras,
  OutboxStorage,
  PendingChange,
  ChangeRequest,
} from "../store/outbox";
import type { Room } from "../store/room";
import type { Storage } from "../store/storage";
import { Uploads } from "../store/uploads";
import { Commands } from "./commands";
import { Emitter } from "./emitter";
import { Inbound } from "./inbound";
import type { Arrival } from "./inbound";
import type { SyncContext } from "./sync-context";
import { Membership } from "./membership";
import { Pager } from "./pager";
import { ReadPositions } from "./read-positions";
import { Sender } from "./sender";
import { TypingNotifier } from "./typing-notifier";
import { DirectoryWatcher } from "./directory-watcher";

export interface ClientEnvironment {
  openSocket: OpenSocket;
  clock: Clock;
  random: Random;
  randomBytes: RandomBytes;
  storage: Storage;
  keep: OutboxStorage & { adopt(): Promise<PendingOperation[]> };
  /** Something that a developer should see and a person can't act on. */
  problem(what: string): void;
}

/** The server said no to a change that was shown already. */
export interface RejectedChange {
  change: PendingChange;
  failure: Failure;
}

export class Client {
  readonly state = signal<State>({ is: "idle" });
  readonly server = signal<ServerInfo | null>(null);
  /** Why the last name was refused; the name dialog shows it. */
  readonly nameProblem = signal<Failure | null>(null);
  /** A name was given and not yet granted. */
  readonly naming = signal(false);
  /** What somebody else says, in any of the rooms. */
  readonly arrivals: Emitter<Arrival>;
  readonly rejectedChanges = new Emitter<RejectedChange>();
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
  readonly typist: TypingNotifier;
  readonly watcher: DirectoryWatcher;
  private readonly connection: Connection;
  private readonly sender: Sender;
  readonly reader: ReadPositions;
  private readonly commands: Commands;
  private readonly inbound: Inbound;

  constructor(world: ClientEnvironment) {
    const { clock, random, storage } = world;
    this.identity = new Identity(storage);
    this.drafts = new Drafts(storage);
    this.outbox = new Outbox(world.keep);
    this.connection = new Connection(world.openSocket, clock, random, {
      credentials: () => this.identity.credentials(),
      refused: (failure) => this.helloRefused(failure),
      state: (state) => this.entered(state),
      welcome: (frame) => batch(() => this.welcomed(frame)),
      frame: (frame) => batch(() => this.inbound.heard(frame)),
      problem: (what) => world.problem(what),
    });
    const link: SyncContext = { connection: this.connection, clock, random };
    this.reader = new ReadPositions(link);
    this.membership = new Membership(link, storage, new JoinedRooms(storage), {
      me: this.identity.user,
      added: (room) => {
        room.read.marked = (atOnce) => this.reader.tell(room, atOnce);
      },
      joining: (room) => this.reader.ask([room]),
      caughtUp: (room, entries) => this.inbound.caughtUp(room, entries),
    });
    this.sender = new Sender(link, this.outbox, {
      get: (key) => this.membership.get(key),
      join: (room) => this.membership.join(room),
      undone: (change, failure) => this.rejectedChanges.emit({ change, failure }),
    });
    this.commands = new Commands(world, this.outbox, this.uploads, this.sender);
    this.inbound = new Inbound(
      link,
      { me: this.identity.user, membership: this.membership, directory: this.directory },
      { outbox: this.outbox, reader: this.reader, sender: this.sender },
      (what) => world.problem(what),
    );
    this.arrivals = this.inbound.arrivals;
    this.pager = new Pager(link, (room) => this.membership.catchUp(room));
    this.typist = new TypingNotifier(link);
    this.watcher = new DirectoryWatcher(link, this.directory);
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

  leave(room: Room): void {
    this.typist.stopped();
    this.reader.forget(room);
    this.membership.leave(room);
  }

  send(room: Room, body: string, extras: MessageExtras = {}): void {
    this.commands.ask(room, { kind: "message", body, ...extras });
    this.typist.stopped();
  }

  /** Asks for a change: it is shown at once, and sent when its turn comes. */
  change(room: Room, wish: ChangeRequest): void {
    this.commands.ask(room, wish);
  }

  retry(id: string): void {
    this.commands.retry(id);
  }

  discard(id: string): void {
    this.commands.discard(id);
  }

  /** A file of a message came, or was taken out: with the last one it is sent. */
  uploaded(id: string): void {
    this.commands.uploaded(id);
  }

  /** Takes over what closed tabs left unsent. */
  adopt(): void {
    this.commands.adopt();
  }

  /** A question whose answer is nobody else's (`queries.ts`). */
  request<T extends Request["type"]>(
    what: Extract<Request, { type: T }>,
    done: (outcome: Outcome<Answers[T]>) => void,
  ): void {
    this.connection.request(what, done);
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
}

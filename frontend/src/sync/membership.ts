import { signal } from "@preact/signals-core";
import type { ReadonlySignal } from "@preact/signals-core";
import { backoff } from "../connection/backoff";
import type { Timer } from "../connection/ports";
import type { Failure } from "../connection/requests";
import type { Joined, LogEntry } from "../protocol/frames";
import type { Position, User } from "../protocol/generated";
import { roomKey } from "../protocol/rules";
import type { JoinedRooms } from "../store/joined-rooms";
import { Room } from "../store/room";
import type { Storage } from "../store/storage";
import type { SyncContext } from "./sync-context";

export interface MembershipHooks {
  me: ReadonlySignal<User | null>;
  /** A room is new here. */
  added(room: Room): void;
  /** A join is about to be asked for. */
  joining(room: Room): void;
  /** Entries that a join brought; none of them is news to announce. */
  caughtUp(room: Room, entries: readonly LogEntry[]): void;
}

/** Refusals that say that there is nothing to come back to. */
const NOWHERE: ReadonlySet<string> = new Set(["room_not_found", "invalid_room"]);

/** The rooms this person is in: entering, leaving, and entering again after a disconnect. */
export class Membership {
  readonly rooms = signal<readonly Room[]>([]);
  readonly byKey = new Map<string, Room>();
  /** Joins that wait for their answer. Not by name: a room left and entered again asks anew. */
  private readonly asking = new Set<Room>();
  /** Joins that the server asked to repeat later. */
  private readonly pauses = new Map<Room, Timer>();
  private readonly tries = new Map<Room, number>();
  /** The room on screen is entered first. */
  foremost: string | null = null;

  constructor(
    private readonly link: SyncContext,
    private readonly storage: Storage,
    readonly kept: JoinedRooms,
    private readonly hooks: MembershipHooks,
  ) {
    for (const name of kept.all()) this.add(name);
  }

  get(name: string): Room | undefined {
    return this.byKey.get(roomKey(name));
  }

  /** The room, being joined if it wasn't. */
  enter(name: string): Room {
    const known = this.get(name);
    if (known !== undefined) {
      if (known.membership.value.is === "refused") this.join(known);
      return known;
    }
    const room = this.add(name);
    this.join(room);
    return room;
  }

  leave(room: Room): void {
    this.kept.remove(room.name.value);
    room.read.forget();
    this.drop(room);
    this.tellLeft(room.name.value, 1);
  }

  /** Lets go of a room that couldn't be entered; for ever when there is no such room. */
  drop(room: Room): void {
    const membership = room.membership.value;
    if (membership.is === "refused" && NOWHERE.has(membership.code)) {
      this.kept.remove(room.name.value);
    }
    this.forgetAsking(room);
    for (const [key, other] of this.byKey) if (other === room) this.byKey.delete(key);
    this.rooms.value = this.rooms.value.filter((other) => other !== room);
  }

  /** A welcome: every room again, from where it was heard. */
  enterAll(): void {
    this.asking.clear();
    this.tries.clear();
    const first = (room: Room) => (room.key === this.foremost ? 0 : 1);
    for (const room of [...this.rooms.value].sort((a, b) => first(a) - first(b))) this.join(room);
  }

  /** The connection is gone. */
  lost(): void {
    this.asking.clear();
    this.cancelPauses();
    for (const room of this.rooms.value) {
      room.typing.clear();
      room.read.lost();
      room.paging.value = null;
      if (room.membership.value.is === "joined") room.membership.value = { is: "joining" };
    }
  }

  /** Entries are missing: asks for them, unless the server wants a pause first. */
  catchUp(room: Room): void {
    if (!this.pauses.has(room)) this.join(room);
  }

  /** Asks to enter; with what is held, the server replays what was missed. */
  join(room: Room): void {
    if (this.asking.has(room)) return;
    this.pauses.get(room)?.cancel();
    this.pauses.delete(room);
    if (room.membership.value.is === "refused") room.membership.value = { is: "joining" };
    if (this.link.connection.state.is !== "open") return;
    this.asking.add(room);
    this.hooks.joining(room);
    const after = room.timeline.position();
    room.asked = true;
    this.link.connection.request(
      { type: "join", room: room.name.value, ...(after === null ? {} : { after }) },
      (outcome) => {
        this.asking.delete(room);
        if (!this.rooms.value.includes(room)) return;
        if (outcome.ok) this.joined(room, outcome.frame, after);
        else this.refused(room, outcome.failure);
      },
    );
  }

  private add(name: string): Room {
    const room = new Room(name, this.storage, this.hooks.me);
    this.hooks.added(room);
    this.byKey.set(room.key, room);
    this.rooms.value = [...this.rooms.value, room];
    return room;
  }

  private joined(room: Room, frame: Joined, after: Position | null): void {
    const { timeline } = room;
    const resumes = after !== null && !frame.reset && frame.epoch === after.epoch;
    if (!resumes) {
      timeline.reset(frame.epoch, frame.head, frame);
    } else if (timeline.replay(frame, frame.head) === "gap") {
      // The answer doesn't continue what is held: start anew rather than show a hole.
      timeline.forget();
      this.join(room);
      return;
    }
    room.trim();
    this.tries.delete(room);
    this.byKey.set(roomKey(frame.room), room);
    room.name.value = frame.room;
    this.kept.add(frame.room);
    room.roster.reset(frame.members);
    room.about.reset(frame.about);
    room.membership.value = { is: "joined" };
    room.read.joined(frame.epoch, frame.head, resumes ? frame : timeline.page(), resumes);
    this.hooks.caughtUp(room, frame.entries);
  }

  private refused(room: Room, failure: Failure): void {
    if (failure.code === "disconnected") return;
    if (failure.renamedTo !== undefined) {
      // What follows it comes after the first page (`renamed-rooms.ts`).
      room.renamedTo.value = failure.renamedTo;
      return;
    }
    if (failure.retryable) {
      const tries = (this.tries.get(room) ?? 0) + 1;
      this.tries.set(room, tries);
      const wait = failure.retryAfter ?? backoff(tries, this.link.random);
      this.pauses.set(
        room,
        this.link.clock.after(wait, () => this.join(room)),
      );
      return;
    }
    room.membership.value = { is: "refused", code: failure.code, message: failure.message };
  }

  /** Repeated until the server knows: else this person stays in the room's list of people. */
  private tellLeft(name: string, tries: number): void {
    this.link.connection.request({ type: "leave", room: name }, (outcome) => {
      if (outcome.ok || !outcome.failure.retryable) return;
      // Without a connection there is no session, hence no membership.
      if (outcome.failure.code === "disconnected") return;
      const wait = outcome.failure.retryAfter ?? backoff(tries, this.link.random);
      this.link.clock.after(wait, () => {
        if (this.get(name) === undefined) this.tellLeft(name, tries + 1);
      });
    });
  }

  forgetAsking(room: Room): void {
    this.asking.delete(room);
    this.tries.delete(room);
    this.pauses.get(room)?.cancel();
    this.pauses.delete(room);
  }

  private cancelPauses(): void {
    for (const timer of this.pauses.values()) timer.cancel();
    this.pauses.clear();
  }
}

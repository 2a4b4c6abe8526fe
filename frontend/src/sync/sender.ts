import { backoff } from "../connection/backoff";
import type { Timer } from "../connection/ports";
import type { Failure } from "../connection/requests";
import type { Outbox, Outgoing } from "../store/outbox";
import type { Room } from "../store/room";
import type { Link } from "./link";

export interface SenderRooms {
  get(roomKey: string): Room | undefined;
  join(room: Room): void;
}

/**
 * Empties the outbox: one message of a room at a time, so that a refusal or a lost answer never
 * changes the order in which they were written. A repeat is safe: the id stays.
 */
export class Sender {
  private readonly inFlight = new Set<string>();
  private readonly pauses = new Map<string, Timer>();
  private readonly tries = new Map<string, number>();

  constructor(
    private readonly link: Link,
    private readonly outbox: Outbox,
    private readonly rooms: SenderRooms,
  ) {}

  pumpAll(): void {
    for (const key of this.outbox.waiting()) this.pump(key);
  }

  pump(key: string): void {
    const room = this.rooms.get(key);
    if (room?.membership.value.is !== "joined") return;
    if (this.inFlight.has(key) || this.pauses.has(key)) return;
    const message = this.outbox.next(key);
    if (message === undefined) return;
    this.inFlight.add(key);
    const { id, body } = message;
    this.link.connection.request({ type: "send", room: room.name.value, id, body }, (outcome) => {
      this.inFlight.delete(key);
      if (outcome.ok) {
        this.tries.delete(key);
        this.acknowledged(room, id, outcome.frame.seq);
        this.pump(key);
      } else {
        this.refused(room, message, outcome.failure);
      }
    });
  }

  /** A new connection: what the old one asked to wait for is void. */
  reset(): void {
    for (const timer of this.pauses.values()) timer.cancel();
    this.pauses.clear();
    this.tries.clear();
  }

  private acknowledged(room: Room, id: string, seq: number): void {
    // Its entry may have come first, or lie below what is held.
    if (room.timeline.head.value >= seq) this.outbox.remove(id);
    else this.outbox.sent(id, seq);
  }

  private refused(room: Room, message: Outgoing, failure: Failure): void {
    // The next welcome, and the join after it, pump again.
    if (failure.code === "disconnected") return;
    if (failure.code === "not_joined") {
      room.membership.value = { is: "joining" };
      this.rooms.join(room);
      return;
    }
    if (failure.retryable) {
      this.pause(room.key, failure.retryAfter);
      return;
    }
    this.outbox.failed(message.id, failure.code, failure.message);
    this.pump(room.key);
  }

  private pause(key: string, retryAfter: number | undefined): void {
    const tries = (this.tries.get(key) ?? 0) + 1;
    this.tries.set(key, tries);
    const wait = retryAfter ?? backoff(tries, this.link.random);
    const timer = this.link.clock.after(wait, () => {
      this.pauses.delete(key);
      this.pump(key);
    });
    this.pauses.set(key, timer);
  }
}

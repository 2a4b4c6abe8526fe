import { backoff } from "../connection/backoff";
import type { Timer } from "../connection/ports";
import type { Server } from "../protocol/frames";
import { roomKey } from "../protocol/rules";
import type { Room } from "../store/room";
import type { SyncContext } from "./sync-context";

/** What is read within this is told in one frame per room. */
export const GATHER_MS = 400;

/** Tells the server how far this person has read, and learns it from there. */
export class ReadPositions {
  /** Asked on this connection. */
  private readonly asked = new Set<Room>();
  private readonly toTell = new Set<Room>();
  private timer: Timer | undefined;
  private again: Timer | undefined;

  constructor(private readonly link: SyncContext) {}

  /** A welcome: what the last connection knew may be old. */
  reset(): void {
    this.asked.clear();
    this.again?.cancel();
  }

  /** Asks how far these were read, once per connection. */
  ask(rooms: readonly Room[], tries = 1): void {
    const fresh = rooms.filter((room) => !this.asked.has(room));
    if (fresh.length === 0) return;
    for (const room of fresh) this.asked.add(room);
    const names = fresh.map((room) => room.name.value);
    this.link.connection.request({ type: "unread", rooms: names }, (outcome) => {
      if (outcome.ok) {
        const states = new Map(outcome.frame.rooms.map((state) => [roomKey(state.room), state]));
        for (const room of fresh) room.read.answered(states.get(room.key) ?? null);
        return;
      }
      // The next welcome asks anew.
      if (outcome.failure.code === "disconnected") return;
      for (const room of fresh) room.read.unanswered();
      if (!outcome.failure.retryable) return;
      const wait = outcome.failure.retryAfter ?? backoff(tries, this.link.random);
      this.again = this.link.clock.after(wait, () => {
        for (const room of fresh) this.asked.delete(room);
        this.ask(fresh, tries + 1);
      });
    });
  }

  /** Something was read here. */
  tell(room: Room, atOnce: boolean): void {
    this.toTell.add(room);
    if (atOnce) {
      this.flush();
      return;
    }
    this.timer ??= this.link.clock.after(GATHER_MS, () => this.flush());
  }

  /** Tells at once: the page may be about to go. */
  flush(): void {
    this.timer?.cancel();
    this.timer = undefined;
    for (const room of this.toTell) {
      const seq = room.read.seq.value;
      // The answer to the next join shows what the server doesn't know.
      if (seq === null || room.membership.value.is !== "joined") continue;
      this.link.connection.notify({ type: "read", room: room.name.value, seq });
    }
    this.toTell.clear();
  }

  forget(room: Room): void {
    this.asked.delete(room);
    this.toTell.delete(room);
  }

  /** This person read on in another session. */
  heard(room: Room, frame: Server<"read">): void {
    room.read.readElsewhere(frame);
  }
}

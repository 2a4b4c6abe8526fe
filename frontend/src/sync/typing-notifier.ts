import type { Room } from "../store/room";
import type { SyncContext } from "./sync-context";

/** `typing on` is repeated at most this often; it lapses after 6 s. */
export const REPEAT_MS = 3_000;

/** Tells a room that this person types. */
export class TypingNotifier {
  private told: { room: Room; at: number } | undefined;

  constructor(private readonly link: SyncContext) {}

  typed(room: Room): void {
    const now = this.link.clock.now();
    if (this.told?.room === room && now - this.told.at < REPEAT_MS) return;
    if (this.told !== undefined && this.told.room !== room) this.stopped();
    if (room.membership.value.is !== "joined") return;
    this.told = { room, at: now };
    this.link.connection.notify({ type: "typing", room: room.name.value, on: true });
  }

  /** The box is empty, the message sent, the reader elsewhere. */
  stopped(): void {
    if (this.told === undefined) return;
    const { room } = this.told;
    this.told = undefined;
    this.link.connection.notify({ type: "typing", room: room.name.value, on: false });
  }
}

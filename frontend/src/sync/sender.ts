import { backoff } from "../connection/backoff";
import type { Timer } from "../connection/ports";
import type { Failure } from "../connection/requests";
import type { PendingOperation, Outbox, PendingChange } from "../store/outbox";
import type { Room } from "../store/room";
import type { SyncContext } from "./sync-context";

/** A change waits so long for its turn; one that is to wait for longer is undone. */
const PATIENCE_MS = 2_000;

export interface SenderHooks {
  get(roomKey: string): Room | undefined;
  join(room: Room): void;
  /** The server said no to a change: it is undone. */
  undone(change: PendingChange, failure: Failure): void;
}

/**
 * Empties the outbox: one operation of a room at a time, so that a refusal or a lost answer never
 * changes the order in which they were asked for. A repeat is safe: the id stays.
 */
export class Sender {
  private readonly inFlight = new Set<string>();
  private readonly pauses = new Map<string, Timer>();
  private readonly tries = new Map<string, number>();

  constructor(
    private readonly link: SyncContext,
    private readonly outbox: Outbox,
    private readonly hooks: SenderHooks,
  ) {}

  pumpAll(): void {
    for (const key of this.outbox.waiting()) this.pump(key);
  }

  pump(key: string): void {
    const room = this.hooks.get(key);
    if (room?.membership.value.is !== "joined") return;
    if (this.inFlight.has(key) || this.pauses.has(key)) return;
    const operation = this.outbox.next(key);
    if (operation === undefined) return;
    this.inFlight.add(key);
    this.link.connection.request(requestOf(operation, room.name.value), (outcome) => {
      this.inFlight.delete(key);
      if (outcome.ok) {
        this.tries.delete(key);
        this.acknowledged(room, operation.id, outcome.frame.seq);
        this.pump(key);
      } else {
        this.refused(room, operation, outcome.failure);
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

  private refused(room: Room, operation: PendingOperation, failure: Failure): void {
    // The next welcome, and the join after it, pump again.
    if (failure.code === "disconnected") return;
    if (failure.code === "not_joined" || failure.renamedTo !== undefined) {
      room.membership.value = { is: "joining" };
      this.hooks.join(room);
      return;
    }
    if (failure.retryable && !isTooLong(operation, failure)) {
      this.pause(room.key, failure.retryAfter);
      return;
    }
    if (operation.kind === "message") {
      this.outbox.failed(operation.id, failure.code, failure.message);
    } else {
      this.outbox.remove(operation.id);
      this.hooks.undone(operation, failure);
    }
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

/** A change that was asked for too often and is to wait: what is said behind it would wait as well. */
function isTooLong({ kind }: PendingOperation, { code, retryAfter }: Failure): boolean {
  return kind !== "message" && code === "rate_limited" && (retryAfter ?? 0) > PATIENCE_MS;
}

/** What asks the server for it. */
function requestOf(operation: PendingOperation, room: string) {
  const { id } = operation;
  switch (operation.kind) {
    case "message": {
      const { body, reply_to, files } = operation;
      return {
        type: "send",
        room,
        id,
        ...(body === "" ? {} : { body }),
        ...(reply_to === undefined ? {} : { reply_to: reply_to.seq }),
        ...idsOf("mentions", operation.mentions),
        ...idsOf("files", files),
      } as const;
    }
    case "edit": {
      const { target, body, mentions } = operation;
      return { type: "edit", room, id, target, body, ...idsOf("mentions", mentions) } as const;
    }
    case "delete":
      return { type: "delete", room, id, target: operation.target } as const;
    case "reaction": {
      const { target, emoji, on } = operation;
      return { type: "react", room, id, target, emoji, on } as const;
    }
    case "pin":
      return { type: "pin", room, id, target: operation.target, on: operation.on } as const;
    case "topic": {
      const { topic, description } = operation;
      return { type: "topic", room, id, topic, description } as const;
    }
  }
}

function idsOf<K extends string>(
  name: K,
  of: readonly { id: string }[] | undefined,
): Partial<Record<K, string[]>> {
  if (of === undefined || of.length === 0) return {};
  return { [name]: of.map(({ id }) => id) } as Record<K, string[]>;
}

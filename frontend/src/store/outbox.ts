import { computed, signal } from "@preact/signals-core";

export type Delivery =
  | { is: "pending" }
  /** Acknowledged, hence durable; its entry is on the way. */
  | { is: "sent"; seq: number }
  | { is: "failed"; code: string; message: string };

/** A message of mine that the room's log doesn't show yet. */
export interface Outgoing {
  id: string;
  room: string;
  roomKey: string;
  body: string;
  /** When it was written, milliseconds since the epoch; shown until the server's time is known. */
  at: number;
  delivery: Delivery;
}

/** Where pending messages survive a reload. Failing to keep one never stops sending it. */
export interface Keep {
  put(message: Outgoing): void;
  remove(id: string): void;
}

/**
 * Messages between Enter and the log, in the order they were written. A message leaves when its
 * entry arrives, when the reader discards it, or when it is known to be in the log.
 */
export class Outbox {
  private readonly all = signal<readonly Outgoing[]>([]);
  readonly messages = computed(() => this.all.value);

  constructor(private readonly keep: Keep) {}

  /** Adds without keeping: it comes from what was kept. */
  restore(messages: readonly Outgoing[]): void {
    const known = new Set(this.all.value.map((message) => message.id));
    const fresh = messages.filter((message) => !known.has(message.id));
    this.all.value = [...this.all.value, ...fresh].sort(byWriting);
  }

  add(message: Outgoing): void {
    this.all.value = [...this.all.value, message];
    this.keep.put(message);
  }

  get(id: string): Outgoing | undefined {
    return this.all.value.find((message) => message.id === id);
  }

  in(roomKey: string): Outgoing[] {
    return this.all.value.filter((message) => message.roomKey === roomKey);
  }

  /** The next to send in a room: the oldest pending one. A failed one doesn't block the rest. */
  next(roomKey: string): Outgoing | undefined {
    return this.all.value.find(
      (message) => message.roomKey === roomKey && message.delivery.is === "pending",
    );
  }

  /** Rooms with something to send. */
  waiting(): Set<string> {
    const pending = this.all.value.filter((message) => message.delivery.is === "pending");
    return new Set(pending.map((message) => message.roomKey));
  }

  sent(id: string, seq: number): void {
    this.change(id, { is: "sent", seq });
    this.keep.remove(id);
  }

  failed(id: string, code: string, message: string): void {
    this.change(id, { is: "failed", code, message });
    const now = this.get(id);
    if (now !== undefined) this.keep.put(now);
  }

  /** Again, at the end of the queue; `newId` where the old one can't be used. */
  retry(id: string, newId: string, at: number): void {
    const old = this.get(id);
    if (old?.delivery.is !== "failed") return;
    const useNew = old.delivery.code === "invalid_id";
    this.remove(id);
    this.add({ ...old, id: useNew ? newId : id, at, delivery: { is: "pending" } });
  }

  /** Its entry arrived, or the reader discards it. */
  remove(id: string): void {
    if (this.get(id) === undefined) return;
    this.all.value = this.all.value.filter((message) => message.id !== id);
    this.keep.remove(id);
  }

  /** Drops acknowledged messages up to a seq that was heard or skipped. */
  dropSent(roomKey: string, head: number): void {
    const rest = this.all.value.filter(
      (m) => !(m.roomKey === roomKey && m.delivery.is === "sent" && m.delivery.seq <= head),
    );
    if (rest.length !== this.all.value.length) this.all.value = rest;
  }

  /**
   * A join showed a log that doesn't reach what it acknowledged: the server lost history. What is
   * left here is sent again; where it was kept after all, its id finds it.
   */
  resend(roomKey: string): void {
    for (const message of this.in(roomKey)) {
      if (message.delivery.is !== "sent") continue;
      const again: Outgoing = { ...message, delivery: { is: "pending" } };
      this.change(message.id, again.delivery);
      this.keep.put(again);
    }
  }

  private change(id: string, delivery: Delivery): void {
    this.all.value = this.all.value.map((m) => (m.id === id ? { ...m, delivery } : m));
  }
}

function byWriting(a: Outgoing, b: Outgoing): number {
  return a.at - b.at || (a.id < b.id ? -1 : 1);
}

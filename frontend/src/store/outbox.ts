import { computed, signal } from "@preact/signals-core";
import type { FileInfo, Quote, Seq, User } from "../protocol/generated";

export type Delivery =
  /** `uploading` while its files are: it is not to be sent yet, and holds up nothing. */
  | { is: "pending"; uploading?: boolean }
  /** Acknowledged, hence durable; its entry is on the way. */
  | { is: "sent"; seq: number }
  | { is: "failed"; code: string; message: string };

/** Something durable that this person asked for and the room's log doesn't show yet. */
interface Pending {
  id: string;
  room: string;
  roomKey: string;
  /** When it was asked for, milliseconds since the epoch; shown until the server's time is known. */
  at: number;
  delivery: Delivery;
}

/** What a message is besides its text. */
export interface MessageExtras {
  reply_to?: Quote;
  mentions?: User[];
  files?: FileInfo[];
}

/** A message of mine. */
export interface PendingMessage extends Pending, MessageExtras {
  kind: "message";
  body: string;
}

/** A change that is wished for, by the kind of the entry it becomes. */
export type ChangeRequest =
  | { kind: "edit"; target: Seq; body: string; mentions?: User[] }
  | { kind: "delete"; target: Seq }
  | { kind: "reaction"; target: Seq; emoji: string; on: boolean }
  | { kind: "pin"; target: Seq; on: boolean }
  | { kind: "topic"; topic: string; description: string };

/** A change of mine. It is shown at once, and undone when it is refused. */
export type PendingChange = Pending & ChangeRequest;

export type PendingOperation = PendingMessage | PendingChange;

/** Where operations survive a reload. Failing to keep one never stops sending it. */
export interface OutboxStorage {
  put(operation: PendingOperation): void;
  remove(id: string): void;
}

/**
 * What was asked for, between Enter and the log, in the order in which it was. An operation leaves when
 * its entry arrives, when the reader discards it, or when it is known to be in the log.
 */
export class Outbox {
  readonly all = signal<readonly PendingOperation[]>([]);
  readonly messages = computed(() => this.all.value.filter(isMessage));
  readonly changes = computed(() =>
    this.all.value.filter((operation): operation is PendingChange => operation.kind !== "message"),
  );

  constructor(readonly keep: OutboxStorage) {}

  /** Adds without keeping: it comes from what was kept. */
  restore(operations: readonly PendingOperation[]): void {
    const known = new Set(this.all.value.map((operation) => operation.id));
    const fresh = operations.filter((operation) => !known.has(operation.id)).map(stranded);
    this.all.value = [...this.all.value, ...fresh].sort(byAsking);
  }

  add(operation: PendingOperation): void {
    this.all.value = [...this.all.value, operation];
    this.keep.put(operation);
  }

  get(id: string): PendingOperation | undefined {
    return this.all.value.find((operation) => operation.id === id);
  }

  in(roomKey: string): PendingOperation[] {
    return this.all.value.filter((operation) => operation.roomKey === roomKey);
  }

  /** The next to send in a room: the oldest pending one. A failed one doesn't block the rest. */
  next(roomKey: string): PendingOperation | undefined {
    return this.all.value.find(
      (operation) => operation.roomKey === roomKey && isReady(operation.delivery),
    );
  }

  /** Rooms with something to send. */
  waiting(): Set<string> {
    const pending = this.all.value.filter((operation) => isReady(operation.delivery));
    return new Set(pending.map((operation) => operation.roomKey));
  }

  /** The files of a message are there: it takes its place at the end of the queue. */
  uploaded(id: string, files: FileInfo[], at: number): void {
    const held = this.get(id);
    if (held?.kind !== "message") return;
    this.all.value = this.all.value.filter((operation) => operation.id !== id);
    this.add({
      ...held,
      ...(files.length === 0 ? {} : { files }),
      at,
      delivery: { is: "pending" },
    });
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

  /**
   * A failed message again, at the end of the queue; `newId` where the old one can't be used, and
   * without what the server doesn't find any more.
   */
  retry(id: string, newId: string, at: number): void {
    const old = this.get(id);
    if (old?.kind !== "message" || old.delivery.is !== "failed") return;
    const { code } = old.delivery;
    this.remove(id);
    const again: PendingMessage = { ...old, at, delivery: { is: "pending" } };
    // Another tab may have taken over what this one still uploaded, and sent it as it was meant.
    if (code === "invalid_id" || code === FILES_LOST) again.id = newId;
    if (code === "file_not_found") delete again.files;
    if (code === "message_not_found") delete again.reply_to;
    if (code === "user_not_found") delete again.mentions;
    this.add(again);
  }

  /** Its entry arrived, or the reader discards it. */
  remove(id: string): void {
    if (this.get(id) === undefined) return;
    this.all.value = this.all.value.filter((operation) => operation.id !== id);
    this.keep.remove(id);
  }

  /** Drops what was acknowledged up to a seq that was heard or skipped. */
  dropSent(roomKey: string, head: number): void {
    const rest = this.all.value.filter(
      (m) => !(m.roomKey === roomKey && m.delivery.is === "sent" && m.delivery.seq <= head),
    );
    if (rest.length !== this.all.value.length) this.all.value = rest;
  }

  /**
   * A join showed a log that doesn't reach what it acknowledged: the server lost history. What is
   * left here is sent again; where it was kept after all, its id finds it. A change to a message
   * that was lost too is lost with it: its number will be another message's.
   */
  resend(roomKey: string, head: Seq): void {
    for (const operation of this.in(roomKey)) {
      if (operation.delivery.is !== "sent") continue;
      if ("target" in operation && operation.target > head) {
        this.remove(operation.id);
        continue;
      }
      const again: PendingOperation = { ...operation, delivery: { is: "pending" } };
      this.change(operation.id, again.delivery);
      this.keep.put(again);
    }
  }

  private change(id: string, delivery: Delivery): void {
    this.all.value = this.all.value.map((m) => (m.id === id ? { ...m, delivery } : m));
  }
}

/** Why a message failed whose files were on their way when the page was closed. */
export const FILES_LOST = "files_lost";

function isReady(delivery: Delivery): boolean {
  return delivery.is === "pending" && delivery.uploading !== true;
}

/** The page that uploaded its files is gone, and they with it. */
function stranded(operation: PendingOperation): PendingOperation {
  const { delivery } = operation;
  if (delivery.is !== "pending" || delivery.uploading !== true) return operation;
  return { ...operation, delivery: { is: "failed", code: FILES_LOST, message: "" } };
}

/** Whether it can be sent again: what is left of it may be nothing. */
export function canRetry({ body, delivery }: PendingMessage): boolean {
  if (body !== "" || delivery.is !== "failed") return true;
  return delivery.code !== FILES_LOST && delivery.code !== "file_not_found";
}

function isMessage(operation: PendingOperation): operation is PendingMessage {
  return operation.kind === "message";
}

function byAsking(a: PendingOperation, b: PendingOperation): number {
  return a.at - b.at || (a.id < b.id ? -1 : 1);
}

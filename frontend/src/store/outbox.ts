import { computed, signal } from "@preact/signals-core";
import type { FileInfo, Quote, Seq, User } from "../protocol/generated";

export type Delivery =
  /** `uploading` while its files are: it is not to be sent yet, and holds up nothing. */
  | { is: "pending"; uploading?: boolean }
  /** Acknowledged, hence durable; its entry is on the way. */
  | { is: "sent"; seq: number }
  | { is: "failed"; code: string; message: string };

/** Something durable that this person asked for and the room's log doesn't show yet. */
interface Asked {
  id: string;
  room: string;
  roomKey: string;
  /** When it was asked for, milliseconds since the epoch; shown until the server's time is known. */
  at: number;
  /** The newest entry of the room then: who asked has seen nothing after it. */
  seen?: Seq;
  delivery: Delivery;
}

/** What a message is besides its text. */
export interface Extras {
  reply_to?: Quote;
  mentions?: User[];
  files?: FileInfo[];
}

/** A message of mine. */
export interface Outgoing extends Asked, Extras {
  kind: "message";
  body: string;
}

/** A change that is wished for, by the kind of the entry it becomes. */
export type Wish =
  | { kind: "edit"; target: Seq; body: string; mentions?: User[] }
  | { kind: "delete"; target: Seq }
  | { kind: "reaction"; target: Seq; emoji: string; on: boolean }
  | { kind: "pin"; target: Seq; on: boolean }
  | { kind: "topic"; topic: string; description: string };

/** A change of mine. It is shown at once, and undone when it is refused. */
export type OutgoingChange = Asked & Wish;

export type Errand = Outgoing | OutgoingChange;

/** Where errands survive a reload. Failing to keep one never stops sending it. */
export interface Keep {
  put(errand: Errand): void;
  remove(id: string): void;
}

/**
 * What was asked for, between Enter and the log, in the order in which it was. An errand leaves when
 * its entry arrives, when the reader discards it, or when it is known to be in the log.
 */
export class Outbox {
  private readonly all = signal<readonly Errand[]>([]);
  readonly messages = computed(() => this.all.value.filter(isMessage));
  readonly changes = computed(() =>
    this.all.value.filter((errand): errand is OutgoingChange => errand.kind !== "message"),
  );

  constructor(private readonly keep: Keep) {}

  /** Adds without keeping: it comes from what was kept. */
  restore(errands: readonly Errand[]): void {
    const known = new Set(this.all.value.map((errand) => errand.id));
    const fresh = errands.filter((errand) => !known.has(errand.id)).map(stranded);
    this.all.value = [...this.all.value, ...fresh].sort(byAsking);
  }

  add(errand: Errand): void {
    this.all.value = [...this.all.value, errand];
    this.keep.put(errand);
  }

  get(id: string): Errand | undefined {
    return this.all.value.find((errand) => errand.id === id);
  }

  in(roomKey: string): Errand[] {
    return this.all.value.filter((errand) => errand.roomKey === roomKey);
  }

  /** The next to send in a room: the oldest pending one. A failed one doesn't block the rest. */
  next(roomKey: string): Errand | undefined {
    return this.all.value.find((errand) => errand.roomKey === roomKey && isReady(errand.delivery));
  }

  /** Rooms with something to send. */
  waiting(): Set<string> {
    const pending = this.all.value.filter((errand) => isReady(errand.delivery));
    return new Set(pending.map((errand) => errand.roomKey));
  }

  /** The files of a message are there: it takes its place at the end of the queue. */
  uploaded(id: string, files: FileInfo[], at: number): void {
    const held = this.get(id);
    if (held?.kind !== "message") return;
    this.all.value = this.all.value.filter((errand) => errand.id !== id);
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
    const again: Outgoing = { ...old, at, delivery: { is: "pending" } };
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
    this.all.value = this.all.value.filter((errand) => errand.id !== id);
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
    for (const errand of this.in(roomKey)) {
      if (errand.delivery.is !== "sent") continue;
      if ("target" in errand && errand.target > head) {
        this.remove(errand.id);
        continue;
      }
      const again: Errand = { ...errand, delivery: { is: "pending" } };
      this.change(errand.id, again.delivery);
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
function stranded(errand: Errand): Errand {
  const { delivery } = errand;
  if (delivery.is !== "pending" || delivery.uploading !== true) return errand;
  return { ...errand, delivery: { is: "failed", code: FILES_LOST, message: "" } };
}

/** Whether it can be sent again: what is left of it may be nothing. */
export function canRetry({ body, delivery }: Outgoing): boolean {
  if (body !== "" || delivery.is !== "failed") return true;
  return delivery.code !== FILES_LOST && delivery.code !== "file_not_found";
}

function isMessage(errand: Errand): errand is Outgoing {
  return errand.kind === "message";
}

function byAsking(a: Errand, b: Errand): number {
  return a.at - b.at || (a.id < b.id ? -1 : 1);
}

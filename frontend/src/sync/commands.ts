// What this person asks for, on its way from a wish to the outbox.

import { batch } from "@preact/signals-core";
import { uuidv7 } from "../protocol/uuid";
import type { Delivery, MessageExtras, Outbox, ChangeRequest } from "../store/outbox";
import type { Room } from "../store/room";
import { filesOf } from "../store/uploads";
import type { Uploads } from "../store/uploads";
import type { ClientEnvironment } from "./client";
import type { Sender } from "./sender";

export class Commands {
  private lastAsked = 0;

  constructor(
    private readonly world: Pick<ClientEnvironment, "clock" | "randomBytes" | "keep" | "problem">,
    private readonly outbox: Outbox,
    private readonly uploads: Uploads,
    private readonly sender: Sender,
  ) {}

  /** What is asked for is shown at once, kept, and sent when its turn comes. */
  ask(room: Room, what: ChangeRequest | ({ kind: "message"; body: string } & MessageExtras)): void {
    const at = this.stamp();
    const id = uuidv7(at, this.world.randomBytes);
    const head = { id, room: room.name.value, roomKey: room.key, at };
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

  /** Once more, at the end of the queue. */
  retry(id: string): void {
    const operation = this.outbox.get(id);
    const at = this.stamp();
    this.outbox.retry(id, uuidv7(at, this.world.randomBytes), at);
    if (operation !== undefined) this.sender.pump(operation.roomKey);
  }

  discard(id: string): void {
    batch(() => {
      this.outbox.remove(id);
      this.uploads.drop(id);
    });
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

  /** Never the same twice: what is asked for in one millisecond keeps its order after a reload. */
  private stamp(): number {
    this.lastAsked = Math.max(this.world.clock.now(), this.lastAsked + 1);
    return this.lastAsked;
  }
}

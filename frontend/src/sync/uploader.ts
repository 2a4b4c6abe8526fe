import { effect, untracked } from "@preact/signals-core";
import { backoff } from "../connection/backoff";
import type { Clock, Random, Timer } from "../connection/ports";
import type { Limits } from "../protocol/generated";
import type { Upload, Uploads } from "../store/uploads";
import type { Posted, PostFile } from "./post-file";

/** More of them at once would not be faster, and each would be there later. */
export const AT_ONCE = 2;
/** So many attempts are made before a person is asked. */
export const TRIES = 6;
/** Longer than this nobody waits for without knowing why. */
const LONGEST_WAIT_MS = 60_000;

export interface UploaderEnvironment {
  post: PostFile;
  clock: Clock;
  random: Random;
  /** The identity token; null while there is none. */
  token(): string | null;
  /** Where a file of this name goes for a room. */
  address(room: string, name: string): string;
}

/**
 * Sends what `Uploads` holds, the first chosen first. Taking one out of there breaks it off. What a
 * lost connection or a busy server kept from being sent is tried again by itself.
 */
export class Uploader {
  private readonly running = new Map<number, () => void>();
  private readonly pauses = new Map<number, Timer>();
  private readonly tries = new Map<number, number>();

  constructor(
    private readonly uploads: Uploads,
    private readonly world: UploaderEnvironment,
  ) {}

  /** Follows what is to be sent until the answer is called. */
  start(): () => void {
    return effect(() => {
      const all = this.uploads.all.value;
      untracked(() => this.pump(all));
    });
  }

  retry(key: number): void {
    this.tries.delete(key);
    if (this.uploads.get(key)?.stage.is === "failed") {
      this.uploads.change(key, { is: "waiting" });
    }
  }

  /** There is a connection again: nothing waits any longer. */
  nudge(): void {
    for (const timer of this.pauses.values()) timer.cancel();
    this.pauses.clear();
    for (const { key, stage } of this.uploads.all.value) {
      if (stage.is === "failed" && stage.code === "disconnected") this.retry(key);
    }
    this.pump();
  }

  private pump(all = this.uploads.all.value): void {
    const here = new Set(all.map((one) => one.key));
    for (const [key, stop] of this.running) {
      if (here.has(key)) continue;
      this.forget(key);
      stop();
    }
    for (const [key, timer] of this.pauses) {
      if (here.has(key)) continue;
      timer.cancel();
      this.forget(key);
    }
    for (const upload of all) {
      if (this.running.size >= AT_ONCE) return;
      if (upload.stage.is === "waiting" && !this.pauses.has(upload.key)) this.send(upload);
    }
  }

  private send({ key, room, name, file, size }: Upload): void {
    const { world, uploads } = this;
    const token = world.token();
    if (file === null || token === null || this.running.has(key)) return;
    // Before anything is told: the place is taken.
    this.running.set(key, () => undefined);
    const stop = world.post({
      address: world.address(room, name),
      token,
      file,
      progress: (sent) => uploads.change(key, { is: "sending", sent: Math.min(sent, size) }),
      done: (posted) => this.done(key, posted),
    });
    if (!this.running.has(key)) return;
    this.running.set(key, stop);
    uploads.change(key, { is: "sending", sent: 0 });
  }

  private done(key: number, posted: Posted): void {
    this.running.delete(key);
    if (posted.ok) {
      this.forget(key);
      this.uploads.change(key, { is: "done", info: posted.info });
      return;
    }
    const { code, message, retryable, retryAfter } = posted.failure;
    const tries = (this.tries.get(key) ?? 0) + 1;
    const wait = retryAfter ?? backoff(tries, this.world.random);
    // By then the page knows the room's new name.
    const again = retryable || code === "room_renamed";
    if (!again || tries >= TRIES || wait > LONGEST_WAIT_MS) {
      this.forget(key);
      this.uploads.change(key, { is: "failed", code, message });
      return;
    }
    this.tries.set(key, tries);
    const timer = this.world.clock.after(wait, () => {
      this.pauses.delete(key);
      this.pump();
    });
    this.pauses.set(key, timer);
    this.uploads.change(key, { is: "waiting" });
  }

  private forget(key: number): void {
    this.running.delete(key);
    this.pauses.delete(key);
    this.tries.delete(key);
  }
}

/** Why files were not even begun with. */
export type RejectedReason = "too_large" | "too_many" | "empty";

export interface Admitted<F> {
  taken: F[];
  refused: { file: F; why: RejectedReason }[];
}

/** Which of these may come to the `held` ones that a message has already. */
export function admit<F extends { size: number }>(
  files: readonly F[],
  held: number,
  limits: Pick<Limits, "max_file_bytes" | "max_files">,
): Admitted<F> {
  const admitted: Admitted<F> = { taken: [], refused: [] };
  for (const file of files) {
    const refuse = (why: RejectedReason) => void admitted.refused.push({ file, why });
    if (file.size === 0) refuse("empty");
    else if (file.size > limits.max_file_bytes) refuse("too_large");
    else if (held + admitted.taken.length >= limits.max_files) refuse("too_many");
    else admitted.taken.push(file);
  }
  return admitted;
}

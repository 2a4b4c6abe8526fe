import { computed, signal } from "@preact/signals-core";
import type { ReadonlySignal } from "@preact/signals-core";
import type { Epoch, Seq } from "../protocol/generated";
import { getJson, isRecord } from "./storage";
import type { Storage } from "./storage";

/**
 * Up to where a room was read. Kept by (epoch, seq), so that the count survives a reload; several
 * tabs write the same key and the highest seq of the current epoch wins.
 */
export class ReadMark {
  /** Null until the first join of a room that was never read. */
  readonly seq = signal<Seq | null>(null);
  readonly count: ReadonlySignal<number>;
  private epoch: Epoch | null = null;

  constructor(
    private readonly storage: Storage,
    private readonly key: string,
    private readonly head: ReadonlySignal<Seq>,
  ) {
    this.load();
    this.count = computed(() =>
      this.seq.value === null ? 0 : Math.max(0, this.head.value - this.seq.value),
    );
  }

  /** A join told the room's epoch and head. A room entered for the first time owes nothing. */
  joined(epoch: Epoch, head: Seq): void {
    const known = this.seq.value;
    if (known !== null && this.epoch === epoch) return;
    this.epoch = epoch;
    this.seq.value = known === null ? head : Math.min(known, head);
    // Another tab may have read on in this epoch already.
    this.load();
    this.save();
  }

  mark(seq: Seq): void {
    if (this.epoch === null || seq <= (this.seq.value ?? -1)) return;
    this.load();
    if (seq <= (this.seq.value ?? -1)) return;
    this.seq.value = seq;
    this.save();
  }

  /** Takes what another tab marked. */
  load(): void {
    const kept = getJson(this.storage, this.key);
    if (!isRecord(kept)) return;
    const { epoch, seq } = kept;
    if (typeof epoch !== "string" || !Number.isSafeInteger(seq)) return;
    if (this.epoch !== null && epoch !== this.epoch) return;
    this.epoch = epoch;
    this.seq.value = Math.max(this.seq.value ?? 0, seq as number);
  }

  forget(): void {
    this.seq.value = null;
    this.epoch = null;
    this.storage.remove(this.key);
  }

  private save(): void {
    this.storage.set(this.key, JSON.stringify({ epoch: this.epoch, seq: this.seq.value }));
  }
}

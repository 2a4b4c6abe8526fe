import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** What is typed to find something, and which of what is found the keyboard is at. */
export abstract class ListSearch<T> {
  readonly query = signal("");
  abstract readonly shown: ReadonlySignal<readonly T[]>;
  /** Beyond the end where less is found by now. */
  private readonly active = signal(0);
  readonly at = computed(() =>
    Math.min(this.active.value, Math.max(0, this.shown.value.length - 1)),
  );

  type(text: string): void {
    this.query.value = text;
    this.point(0);
  }

  point(index: number): void {
    this.active.value = index;
  }
}

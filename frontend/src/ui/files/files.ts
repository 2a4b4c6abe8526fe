import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Picture } from "./box";

/** What the page knows of files before any is shown. One per page. */
export class Files {
  /** The pictures of a message, large; null while none is. */
  readonly viewed = signal<{ pictures: readonly Picture[]; at: number } | null>(null);

  constructor(
    /** The address of the server's socket. */
    readonly socket: string,
    /** What they are fetched with. Each welcome brings another one. */
    readonly ticket: ReadonlySignal<string>,
  ) {}
}

import { signal } from "@preact/signals";

/**
 * A part of the page that is loaded when somebody first needs it. Who reads it while drawing is
 * drawn again when it is there.
 */
export class Lazy<T> {
  private readonly loaded = signal<T | null>(null);
  private loading = false;

  constructor(private readonly load: () => Promise<T>) {}

  /** The part, or null while it is on its way. */
  get(): T | null {
    const { value } = this.loaded;
    if (value === null && !this.loading) {
      this.loading = true;
      this.load().then(
        (part) => {
          this.loaded.value = part;
        },
        () => {
          // No connection, most likely. Whoever needs it next tries again.
          this.loading = false;
        },
      );
    }
    return value;
  }
}

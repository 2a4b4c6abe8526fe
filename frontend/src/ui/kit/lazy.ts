import { signal } from "@preact/signals";

/**
 * A part of the page that is loaded when somebody first needs it. Who reads it while drawing is
 * drawn again when it is there.
 */
export class Lazy<T> {
  private readonly loaded = signal<T | null>(null);
  private loading: Promise<T> | null = null;

  constructor(private readonly load: () => Promise<T>) {}

  /** The part, or null while it isn't there: nothing is fetched for who only looks. */
  get here(): T | null {
    return this.loaded.value;
  }

  /** The part, or null while it is on its way. */
  get(): T | null {
    const value = this.here;
    // No connection, most likely. Whoever needs it next tries again.
    if (value === null) this.fetch().catch(() => undefined);
    return value;
  }

  /** Once for all who ask, and anew after it failed. */
  fetch(): Promise<T> {
    this.loading ??= this.load().then(
      (part) => (this.loaded.value = part),
      (error: unknown) => {
        this.loading = null;
        throw error;
      },
    );
    return this.loading;
  }
}

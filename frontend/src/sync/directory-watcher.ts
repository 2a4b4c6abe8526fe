import { backoff } from "../connection/backoff";
import type { Timer } from "../connection/ports";
import type { Directory } from "../store/directory";
import type { SyncContext } from "./sync-context";

/** A pause in typing this long starts a search. */
export const SEARCH_PAUSE_MS = 200;

/** Keeps the directory fresh and answers the search field. */
export class DirectoryWatcher {
  private timer: Timer | undefined;
  private again: Timer | undefined;
  /** Counts what was searched for. */
  latest = 0;
  query = "";
  /** The place behind which the next page is being asked for (`further-rooms`). */
  extending: string | null = null;

  constructor(
    readonly link: SyncContext,
    readonly directory: Directory,
  ) {}

  /** A welcome: sessions watch anew. */
  start(): void {
    this.watch(1);
    if (this.query !== "") this.ask();
  }

  private watch(tries: number): void {
    this.again?.cancel();
    this.link.connection.request({ type: "rooms", watch: true }, (outcome) => {
      if (outcome.ok) {
        this.directory.reset(outcome.frame.rooms, outcome.frame.more ?? null);
        this.extending = null;
        return;
      }
      const { failure } = outcome;
      // After a disconnect the next welcome starts over.
      if (!failure.retryable || failure.code === "disconnected") return;
      const wait = failure.retryAfter ?? backoff(tries, this.link.random);
      this.again = this.link.clock.after(wait, () => this.watch(tries + 1));
    });
  }

  search(text: string): void {
    this.query = text.trim();
    this.latest += 1;
    this.timer?.cancel();
    if (this.query === "") {
      this.directory.find(null, null);
      return;
    }
    this.timer = this.link.clock.after(SEARCH_PAUSE_MS, () => this.ask());
  }

  private ask(): void {
    this.latest += 1;
    const mine = this.latest;
    this.link.connection.request({ type: "rooms", query: this.query }, (outcome) => {
      // An older question's answer must not replace a newer one's.
      if (!outcome.ok || mine !== this.latest) return;
      this.directory.find(outcome.frame.rooms, outcome.frame.more ?? null);
    });
  }
}

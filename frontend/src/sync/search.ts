import { signal } from "@preact/signals-core";
import type { Clock, Timer } from "../connection/ports";
import type { Failure, Outcome } from "../connection/requests";
import type { Server } from "../protocol/frames";
import { MAX_QUERY_CHARS } from "../protocol/generated";
import type { Hit } from "../protocol/generated";
import { characters } from "../protocol/rules";
import type { SearchQuery } from "./queries";

/** A pause in the typing that is long enough to be the end of it. */
export const PAUSE_MS = 250;
/** While a syllable is still being put together, it is the end only when it is longer. */
export const SYLLABLE_MS = 500;
/** So many results are held and shown; who wants more says more. */
export const MOST_HITS = 400;

export type Found =
  /** Nothing is looked for. */
  | { is: "nothing" }
  | { is: "short" }
  | { is: "long" }
  /** The first answer is on its way. */
  | { is: "searching" }
  | {
      is: "found";
      hits: readonly Hit[];
      more: string | null;
      asking: boolean;
      /** Why the next page didn't come. */
      failure: Failure | null;
    }
  | { is: "failed"; failure: Failure };

export type Ask = (what: SearchQuery, done: (outcome: Outcome<Server<"results">>) => void) => void;

const HANGUL = /\p{Script=Hangul}$/u;
/** One of these says something; one letter of an alphabet is in every message. */
const SAYS_MUCH = /[^\p{ASCII}\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\u3130-\u318f]/u;

/** What is looked for and what was found. The latest query wins, whatever is answered first. */
export class Search {
  /** As it stands in the field. */
  readonly text = signal("");
  /** Null for all rooms. */
  readonly room = signal<string | null>(null);
  readonly found = signal<Found>({ is: "nothing" });
  private timer: Timer | null = null;
  /** Counts what was asked: an answer to anything but the last is passed over. */
  private asked = 0;
  private last: SearchQuery | null = null;

  constructor(
    private readonly ask: Ask,
    private readonly clock: Clock,
  ) {}

  /**
   * The field changed. `composing` is what an input method has not written yet, null without one:
   * a Hangul syllable is looked for when the typing pauses, anything else when it is written.
   */
  type(text: string, composing: string | null): void {
    this.text.value = text;
    this.timer?.cancel();
    this.timer = null;
    if (composing !== null && composing !== "" && !HANGUL.test(composing)) return;
    if (this.refused()) return;
    const wait = composing === null || composing === "" ? PAUSE_MS : SYLLABLE_MS;
    this.timer = this.clock.after(wait, () => this.now());
  }

  /** Null for all rooms. */
  in(room: string | null): void {
    if (this.room.value === room) return;
    this.room.value = room;
    this.now();
  }

  /** Looks without waiting, unless that was asked already. */
  now(): void {
    this.timer?.cancel();
    this.timer = null;
    if (this.refused()) return;
    const query = trimmed(this.text.value);
    const room = this.room.value;
    const same = this.last?.query === query && (this.last.room ?? null) === room;
    if (same && this.found.value.is !== "failed") return;
    const sought: SearchQuery = { query, ...(room === null ? {} : { room }) };
    this.last = sought;
    // What was found before stays until there is something else: nothing flickers.
    const { value } = this.found;
    this.found.value = value.is === "found" ? { ...value, asking: true } : { is: "searching" };
    this.request(sought, []);
  }

  /** The next page, at the end of what is shown. */
  further(): void {
    const { value: found } = this.found;
    if (found.is !== "found" || found.more === null || found.asking || this.last === null) return;
    this.found.value = { ...found, asking: true, failure: null };
    this.request({ ...this.last, more: found.more }, found.hits);
  }

  private refused(): boolean {
    const query = trimmed(this.text.value);
    const why = refusal(query);
    if (why === null) return false;
    this.asked += 1;
    this.last = null;
    this.found.value = { is: why };
    return true;
  }

  private request(sought: SearchQuery, before: readonly Hit[]): void {
    const turn = ++this.asked;
    this.ask(sought, (outcome) => {
      if (turn !== this.asked) return;
      if (!outcome.ok) {
        const { failure } = outcome;
        const more = sought.more ?? null;
        this.found.value =
          more === null
            ? { is: "failed", failure }
            : { is: "found", hits: before, more, asking: false, failure };
        return;
      }
      const hits = merged(before, outcome.frame.hits);
      const more = hits.length >= MOST_HITS ? null : (outcome.frame.more ?? null);
      this.found.value = { is: "found", hits, more, asking: false, failure: null };
    });
  }
}

function trimmed(text: string): string {
  return text.replace(/\p{White_Space}+/gu, " ").trim();
}

/** Why nothing is asked for it. */
function refusal(query: string): "nothing" | "short" | "long" | null {
  if (query === "") return "nothing";
  const length = characters(query);
  if (length > MAX_QUERY_CHARS) return "long";
  return length < 2 && !SAYS_MUCH.test(query) ? "short" : null;
}

/** A message that moved up between two pages is not listed twice. */
function merged(before: readonly Hit[], fresh: readonly Hit[]): Hit[] {
  const key = ({ message }: Hit) => `${message.room}\n${message.seq}`;
  const known = new Set(before.map(key));
  return [...before, ...fresh.filter((hit) => !known.has(key(hit)))];
}

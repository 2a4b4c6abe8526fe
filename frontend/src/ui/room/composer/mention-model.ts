// `@name` while it is written: what is asked for and who fits. Pure.

import type { LogEntry } from "../../../protocol/frames";
import type { User } from "../../../protocol/generated";

/** As many as are read at a glance. */
export const SHOWN = 8;
/** A name has at most so many words before it is clear that none is meant. */
const MAX_WORDS = 4;
/** What may not stand before the `@`: an address has it. */
const WORD = /[a-z0-9_]/iu;

/** An `@` and what was written behind it, up to the cursor. */
export interface Query {
  /** Where the `@` is. */
  from: number;
  text: string;
}

export function queryAt(text: string, cursor: number): Query | null {
  const from = text.lastIndexOf("@", cursor - 1);
  if (from < 0 || from >= cursor || WORD.test(text[from - 1] ?? "")) return null;
  const asked = text.slice(from + 1, cursor);
  if (/^\s|\n|\s\s/u.test(asked) || asked.split(" ").length > MAX_WORDS) return null;
  return { from, text: asked };
}

/** Syllables in their letters: 미 begins 민지, and so does ㅁ. */
function letters(text: string): string {
  return text.normalize("NFKD").toLowerCase();
}

/** Consonants alone: each stands for a syllable that begins with it. */
const INITIALS = /^[ㄱ-ㅎ][ㄱ-ㅎ\s]*$/u;
/** The letters of a syllable behind its first one. */
const REST = /[\u1161-\u11ff]/gu;

/** 미 and ㅁㅈ begin 민지, at the beginning of any of its words. */
export function fits(name: string, query: string): boolean {
  const wanted = letters(query);
  const begins = (whole: string) => whole.startsWith(wanted) || whole.includes(` ${wanted}`);
  return begins(letters(name)) || (INITIALS.test(query) && begins(letters(name).replace(REST, "")));
}

export interface Candidate {
  user: User;
  /** Not in the room now. */
  away: boolean;
}

/** Who spoke lately, each once, the latest first. */
export function speakers(entries: readonly LogEntry[]): string[] {
  const ids = entries.flatMap((entry) => (entry.kind === "message" ? [entry.sender.id] : []));
  return [...new Set(ids.reverse())];
}

/** Who fits: those who are here first, and of these who spoke lately, so that nobody who only came
 * in by a name that fits stands before who is talked with. */
export function candidates(
  query: string,
  lately: readonly string[],
  here: readonly User[],
  members: readonly User[],
  me: string | undefined,
): Candidate[] {
  const known = new Set([me]);
  const found: Candidate[] = [];
  const take = (users: readonly User[], away: boolean) => {
    for (const user of users) {
      if (found.length === SHOWN) return;
      if (known.has(user.id) || !fits(user.name, query)) continue;
      known.add(user.id);
      found.push({ user, away });
    }
  };
  const place = (user: User) => {
    const at = lately.indexOf(user.id);
    return at < 0 ? lately.length : at;
  };
  take(
    [...here].sort((a, b) => place(a) - place(b)),
    false,
  );
  take(members, true);
  return found;
}

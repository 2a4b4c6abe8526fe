import { MAX_MENTIONS } from "../../protocol/generated";
import type { User } from "../../protocol/generated";

/** Somebody a message speaks to: the text has `@name`. */
export interface Mention {
  readonly id: string;
  readonly name: string;
}

const NOBODY: readonly Mention[] = [];
const WORD = /[a-z0-9_]/iu;

/**
 * Who is spoken to by the `@` at this place of a text; the longest name that fits, null if none.
 * Particles may follow a Hangul name ("@민지야"), but "@Adam" doesn't speak to Ada, nor does an
 * address to anybody ("a@ada").
 */
export function mentionAt(
  text: string,
  at: number,
  mentions: readonly Mention[] = NOBODY,
): Mention | null {
  if (WORD.test(text[at - 1] ?? "")) return null;
  let found: Mention | null = null;
  for (const mention of mentions) {
    const { name } = mention;
    if (name.length <= (found?.name.length ?? 0) || !text.startsWith(name, at + 1)) continue;
    const goesOn = WORD.test(name.at(-1) ?? "") && WORD.test(text[at + 1 + name.length] ?? "");
    if (!goesOn) found = mention;
  }
  return found;
}

/** A text in parts: plain, or one mention. */
export function splitMentions(
  text: string,
  mentions: readonly Mention[] = NOBODY,
): (string | Mention)[] {
  const parts: (string | Mention)[] = [];
  let end = 0;
  if (mentions.length > 0) {
    for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", Math.max(at + 1, end))) {
      const mention = mentionAt(text, at, mentions);
      if (mention === null) continue;
      if (at > end) parts.push(text.slice(end, at));
      parts.push(mention);
      end = at + 1 + mention.name.length;
    }
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/** Of these people, those whose `@name` is in a text. */
export function mentioned(text: string, people: readonly User[]): User[] {
  const found = new Map<string, User>();
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const user = mentionAt(text, at, people);
    if (user !== null) found.set(user.id, { id: user.id, name: user.name });
  }
  return [...found.values()].slice(0, MAX_MENTIONS);
}

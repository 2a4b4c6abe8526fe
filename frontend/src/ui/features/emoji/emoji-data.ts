// Loaded with the picker: which emoji there are, and how each language calls them.

import groups from "emojibase-data/en/data.json?list";
import { Lazy } from "../../kit/lazy";
import type { Language } from "../../i18n/i18n";

/** In the order of the data's groups. */
export const CATEGORIES = [
  "smileys",
  "people",
  "nature",
  "food",
  "travel",
  "activities",
  "objects",
  "symbols",
  "flags",
] as const;
export type Category = (typeof CATEGORIES)[number];

export const emojiOf = (category: Category): readonly string[] =>
  groups[CATEGORIES.indexOf(category)] ?? [];

const all = groups.flat();
const indexOf = new Map(all.map((emoji, index) => [emoji, index]));

/** What emoji are called in one language, and what else finds them. */
export interface Words {
  readonly labels: readonly string[];
  readonly found: readonly string[];
}

export function readWords(words: readonly string[]): Words {
  return {
    labels: words.map((line) => line.split("|", 1)[0] ?? ""),
    found: words.map(searchable),
  };
}

const searchable = (text: string) => text.normalize("NFC").toLowerCase();

export const WORDS: Readonly<Record<Language, Lazy<Words>>> = {
  en: new Lazy(async () => readWords((await import("emojibase-data/en/data.json?words")).default)),
  ko: new Lazy(async () => readWords((await import("emojibase-data/ko/data.json?words")).default)),
};

export function labelOf(emoji: string, words: Words | null): string {
  return words?.labels[indexOf.get(emoji) ?? -1] ?? emoji;
}

/** As many as a person looks at; beyond that, one more letter helps more. */
const MAX_FOUND = 64;

/** The emoji with all words of a query in what any of the languages says of them, best first. */
export function search(query: string, languages: readonly Words[]): string[] {
  const parts = searchable(query).split(/\s+/u).filter(Boolean);
  if (parts.length === 0) return [];
  const scored: { emoji: string; score: number; index: number }[] = [];
  all.forEach((emoji, index) => {
    const texts = languages.map(({ found }) => found[index] ?? "");
    if (!parts.every((part) => texts.some((text) => text.includes(part)))) return;
    const score = Math.max(...texts.map((text) => closeness(text, parts[0] ?? "")));
    scored.push({ emoji, score, index });
  });
  scored.sort((a, b) => b.score - a.score || a.index - b.index);
  return scored.slice(0, MAX_FOUND).map(({ emoji }) => emoji);
}

function closeness(text: string, part: string): number {
  const [label = "", tags = ""] = text.split("|", 2);
  if (label === part) return 5;
  if (tags.split(" ").includes(part)) return 4;
  if (label.startsWith(part)) return 3;
  if (label.includes(` ${part}`)) return 2;
  return label.includes(part) ? 1 : 0;
}

// How well a room's name fits what was typed, also while a Hangul syllable is half written.

/** Compatibility jamo of the nineteen initial consonants, in the order of Unicode's syllables. */
const INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
/** The vowels and finals, each by the keys that write it. */
const VOWELS = "ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ".split(
  " ",
);
const FINALS =
  " ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split(
    " ",
  );
const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;

/** Two finals that one key writes as one sign of its own: ㄳ typed alone. */
const PAIRS: Readonly<Record<string, string>> = {
  ㄳ: "ㄱㅅ",
  ㄵ: "ㄴㅈ",
  ㄶ: "ㄴㅎ",
  ㄺ: "ㄹㄱ",
  ㄻ: "ㄹㅁ",
  ㄼ: "ㄹㅂ",
  ㄽ: "ㄹㅅ",
  ㄾ: "ㄹㅌ",
  ㄿ: "ㄹㅍ",
  ㅀ: "ㄹㅎ",
  ㅄ: "ㅂㅅ",
};

function isSyllable(char: string): boolean {
  const code = char.charCodeAt(0);
  return code >= FIRST_SYLLABLE && code <= LAST_SYLLABLE;
}

function initialOf(char: string): string {
  if (!isSyllable(char)) return char;
  return INITIALS[Math.floor((char.charCodeAt(0) - FIRST_SYLLABLE) / 588)] ?? char;
}

/** The keys that write a text: 의 is ㅇ, ㅡ, ㅣ. */
function keystrokes(text: string): string {
  return Array.from(text, (char) => {
    if (!isSyllable(char)) return char;
    const index = char.charCodeAt(0) - FIRST_SYLLABLE;
    const vowel = VOWELS[Math.floor((index % 588) / 28)] ?? "";
    return initialOf(char) + vowel + (FINALS[index % 28] ?? "");
  }).join("");
}

const folded = (text: string) => text.normalize("NFC").toLowerCase();
/** Input methods pair consonants that were typed one after the other. */
const unpaired = (text: string) => text.replace(/[ㄳ-ㅄ]/g, (pair) => PAIRS[pair] ?? pair);

/** A consonant alone stands for any syllable that begins with it. */
const fits = (name: string, typed: string) =>
  name === typed || (INITIALS.includes(typed) && initialOf(name) === typed);

/** The last syllable may be under way: 간 on the way to 가나, 으 on the way to 의. */
function lastFits(rest: readonly string[], typed: string): boolean {
  const [here] = rest;
  if (here === undefined) return false;
  if (fits(here, typed)) return true;
  return isSyllable(typed) && keystrokes(rest.slice(0, 2).join("")).startsWith(keystrokes(typed));
}

export interface Match {
  /** More is better. */
  score: number;
  /** Which characters of the name were meant, by code points. */
  at: readonly number[];
}

const isWordStart = (name: readonly string[], at: number) =>
  at === 0 || /[\s_-]/.test(name[at - 1] ?? "");

/** Null when it doesn't fit at all. An empty query fits everything. */
export function match(name: string, query: string): Match | null {
  const letters = Array.from(folded(name));
  const typed = Array.from(unpaired(folded(query.trim())));
  if (typed.length === 0) return { score: 0, at: [] };
  return together(letters, typed) ?? apart(letters, typed);
}

/** One after the other, best at the beginning of a word. */
function together(letters: readonly string[], typed: readonly string[]): Match | null {
  let best: Match | null = null;
  for (let start = 0; start + typed.length <= letters.length; start++) {
    const all = typed.every((char, n) =>
      n === typed.length - 1
        ? lastFits(letters.slice(start + n), char)
        : fits(letters[start + n] ?? "", char),
    );
    if (!all) continue;
    let score = 200;
    if (start === 0) score = letters.length === typed.length ? 500 : 400;
    else if (isWordStart(letters, start)) score = 300;
    if (best === null || score > best.score) best = { score, at: typed.map((_, n) => start + n) };
  }
  return best;
}

/** With others between, from the beginning of a word: `mkt` for marketing. */
function apart(letters: readonly string[], typed: readonly string[]): Match | null {
  if (typed.length < 2) return null;
  for (let start = 0; start < letters.length; start++) {
    if (!isWordStart(letters, start) || !fits(letters[start] ?? "", typed[0] ?? "")) continue;
    const at = [start];
    for (let n = start + 1; n < letters.length && at.length < typed.length; n++) {
      if (fits(letters[n] ?? "", typed[at.length] ?? "")) at.push(n);
    }
    const spread = (at.at(-1) ?? start) - start;
    if (at.length === typed.length) return { score: Math.max(1, 100 - spread), at };
  }
  return null;
}

/**
 * What could make a text more than plain to a reader of markdown. It may say yes for nothing, which
 * costs the parser's time; it never says no where the parser would see something. So:
 * - a `*` or `_` that touches something, but not the `_` inside of snake_case,
 * - a backtick, `~~`, `](`, an address in angle brackets, a backslash before punctuation,
 * - a line that begins like a heading, quote or list with something in it, or is a rule,
 * - the second line of a table.
 */
const SIGNIFICANT = new RegExp(
  [
    "\\*\\S",
    "\\S\\*",
    "(?:^|[^\\p{L}\\p{N}])_\\S",
    "`|~~|\\]\\(|<[^\\s<>]*[:@]|\\\\[!-/:-@\\[-`{-~\\n]",
    "^ {0,3}(?:>|#{1,6}[ \\t]+\\S|(?:[-+*]|\\d{1,9}[.)])[ \\t]+\\S)",
    "^ {0,3}(?:(?:-[ \\t]*){3,}|(?:_[ \\t]*){3,}|(?:\\*[ \\t]*){3,})$",
    "^[ \\t]*[|:-][-:| \\t]*[|:-][ \\t]*$",
  ].join("|"),
  "mu",
);

/** Whether a text has to be read as markdown to look right. */
export function isSignificant(text: string): boolean {
  return SIGNIFICANT.test(text);
}

/** Whether there may be a link in a text. */
export function isLinked(text: string): boolean {
  return text.includes("://");
}

/** This many emoji alone are shown large. */
const FEW = 3;
/** The longest emoji there is, a family or a flag, has fewer UTF-16 units. */
const LONGEST = 32;

const EMOJI =
  /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Regional_Indicator}{2}|[#*0-9]\uFE0F?\u20E3)/u;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Whether a text is one to three emoji and nothing else. */
export function isEmojiOnly(text: string): boolean {
  // A letter is seen by its first character, so that this costs nothing for what people write.
  if (text.length > FEW * LONGEST || !EMOJI.test(text)) return false;
  let count = 0;
  for (const { segment } of segmenter.segment(text)) {
    if (segment.trim() === "") continue;
    if (!EMOJI.test(segment) || ++count > FEW) return false;
  }
  return count > 0;
}

import { MAX_EXCERPT_CHARS } from "../../protocol/generated";
import { characters } from "../../protocol/rules";

/** What a quote or a notification shows at most, in UTF-16 units. */
const EXCERPT = 200;

/** Stands for what is kept to the letter while the marks around it go. Nobody writes it. */
const KEPT = "\uE000";
/** A block of code, a run of it, an address in angle brackets, or a mark that is meant as it is. */
const LITERAL =
  /^[ \t]*(```|~~~)[^\n`]*(?:\n([^]*?)(?:^[ \t]*\1`*[ \t]*$|(?![^]))|(?![^]))|(?<!`)(`{1,3})(?!`)([^\n]{1,400}?)(?<!`)\3(?!`)|<((?:https?:|mailto:)[^\s<>]{1,400})>|(?<!¯)\\([!-/:-@[-`{-~])/gm;
const LEADING = /^[ \t]{0,3}(?:>(?![^\s>]{1,3}<)[ \t]?|[-+*][ \t]+|#{1,6}[ \t]+)+/gmu;
const LINK =
  /!?\[([^[\]\n]{1,400})\]\((?:[^()\s]|\([^()\s]{0,400}\)){1,2000}(?: "[^"\n]{0,400}")?\)/g;
const EMPHASIS = /(\*{1,3}|(?<![\p{L}\p{N}])~~)(?=\S)([^*~\n]{1,400})(?<=\S)\1/gu;
const UNDERLINED =
  /(?<![\p{L}\p{N}_\\])(_{1,3})(?=[^\s_])((?:[^_\n]|(?<=[\p{L}\p{N}])_(?=[\p{L}\p{N}])){1,400})(?<=\S)\1(?![\p{L}\p{N}_])/gu;
/** What was opened and would be closed behind a cut, or the other way round. */
const TORN =
  /!?\[([^[\]\n]{1,400})\]\([^()\s]*$|(?<!\S)(?:\*\*|~~|`+)(?=\S)|(?<=\S)(?:\*\*|~~)(?!\S)/gu;
/** Marks may stand within marks; so deep is enough for what somebody means. */
const DEPTH = 3;

/**
 * A body on one line and without its markup, for quotes, notifications and what is read out. This is
 * no parser: it takes away what is sure to be markup and leaves what might be meant. `cut` says that
 * the text is a piece of a longer one, and may begin or end within its marks.
 */
export function excerpt(text: string, limit = EXCERPT, cut = text.length > limit * 8): string {
  const kept: string[] = [];
  // What is far behind the limit costs no time.
  let plain = text
    .slice(0, limit * 8)
    .replaceAll(KEPT, "")
    .replace(LITERAL, (_whole, _fence, block, _ticks, code, address, mark) => {
      kept.push(String(block ?? code ?? address ?? mark ?? ""));
      return KEPT;
    })
    .replace(LEADING, "")
    .replace(LINK, "$1");
  for (let depth = 0, before = ""; depth < DEPTH && plain !== before; depth++) {
    before = plain;
    plain = plain.replace(EMPHASIS, "$2").replace(UNDERLINED, "$2");
  }
  if (cut) plain = plain.replace(TORN, "$1");
  plain = plain.replaceAll(KEPT, () => kept.shift() ?? "");
  plain = plain.replace(/\s+/g, " ").trim();
  if (plain === "")
    plain = text
      .slice(0, limit * 8)
      .replace(/\s+/g, " ")
      .trim();
  if (plain.length <= limit) return plain;
  // Not in the middle of a surrogate pair.
  return `${plain.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** What a quote says: how the quoted text begins. */
export const quoted = (text: string) =>
  excerpt(text, EXCERPT, characters(text) >= MAX_EXCERPT_CHARS);

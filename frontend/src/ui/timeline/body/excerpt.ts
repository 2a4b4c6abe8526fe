/** What a quote or a notification shows at most, in UTF-16 units. */
const EXCERPT = 200;

/**
 * A body on one line and without its markup, for quotes, notifications and what is read out. This is
 * no parser: it takes away what is sure to be markup and leaves what might be meant.
 */
export function excerpt(text: string, limit = EXCERPT): string {
  // What is far behind the limit costs no time.
  const plain = text
    .slice(0, limit * 8)
    .replace(/^[ \t]*(?:```|~~~)[^\n`]*$/gm, "")
    .replace(/^[ \t]{0,3}(?:>(?![^\s>]{1,3}<)[ \t]?|[-+*][ \t]+|#{1,6}[ \t]+)+/gmu, "")
    .replace(/!?\[([^[\]\n]{1,400})\]\([^()\s]{1,2000}\)/g, "$1")
    .replace(/(\*{1,3}|(?<![\p{L}\p{N}])~~|`{1,3})(?=\S)([^*~`\n]{1,400})(?<=\S)\1/gu, "$2")
    .replace(/(?<![\p{L}\p{N}_\\])(_{1,2})(?=\S)([^_\n]{1,400})(?<=\S)\1(?![\p{L}\p{N}_])/gu, "$2")
    .replace(/(?<!¯)\\([!-/:-@[-`{-~])/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
  if (plain === "") return text.replace(/\s+/g, " ").trim().slice(0, limit);
  if (plain.length <= limit) return plain;
  // Not in the middle of a surrogate pair.
  return `${plain.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

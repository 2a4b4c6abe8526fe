// markdown-it, set up for a chat.

import MarkdownIt from "markdown-it";
import type { ParserBlock, Ruler, StateBlock, StateInline } from "markdown-it";
import cjkFriendly from "markdown-it-cjk-friendly";
import { linkify } from "./linkify";
import type { Mention } from "./mentions";
import { mentionAt } from "./mentions";

/** Blocks within blocks. markdown-it forgets what is deeper: parse.ts shows such a body as it is. */
export const MAX_NESTING = 20;

/** What a parse is told beside the text. */
export interface Env extends Record<PropertyKey, unknown> {
  mentions: readonly Mention[];
}

const SAFE = new Set(["http:", "https:", "mailto:"]);

/** The address as the browser reads it, or null if it isn't one that a chat may link to. */
export function safeHref(address: string): string | null {
  try {
    const url = new URL(address);
    return SAFE.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

type BlockRule = ReturnType<ParserBlock["ruler"]["getRules"]>[number];

/** Rules of markdown-it's own, to be used by ours. */
function original<Args extends unknown[], Result>(
  ruler: Ruler<Args, Result>,
  name: string,
): (...args: Args) => Result {
  ruler.enableOnly([name]);
  const [rule] = ruler.getRules("");
  if (rule === undefined) throw new Error(`markdown-it has no rule ${name}`);
  return rule;
}
const tildes = original(new MarkdownIt().inline.ruler, "strikethrough");

const lineAt = (state: StateBlock, line: number) =>
  state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);

/** `>` begins a quote, but not ">ㅁ<", ">_<" or ">:(". */
const FACE = /^>(?:[^\s>]{1,3}<|[:;][^\s>]{1,2})(?:\s|$)/u;
/** "1." begins a list, but not the date "2024. 5. 1." */
const DATE = /^\d+\.[ \t]+\d+\.(?:\s|$)/u;

function unless(name: string, not: RegExp): BlockRule {
  const rule = original(new MarkdownIt().block.ruler, name);
  return (state, start, end, silent) =>
    !not.test(lineAt(state, start)) && rule(state, start, end, silent);
}

/** In a chat a line ends where it ends, and keeps the spaces it begins with. */
function newline(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== "\n") return false;
  if (!silent) state.pending += "\n";
  state.pos += 1;
  return true;
}

function mention(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== "@") return false;
  const found = mentionAt(state.src, state.pos, (state.env as Env).mentions);
  if (found === null) return false;
  if (!silent) state.push("mention", "", 0).meta = { found };
  state.pos += 1 + found.name.length;
  return true;
}

const SCHEME = /https?$/iu;
/** As in linkify.ts, but the markup around an address isn't part of it. */
const ADDRESS = /:\/\/(?:(?!~~)[^\s<>"'`*\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069])+/uy;

/** Bare addresses, by the rules of linkify.ts, before anything sees markup in them. */
function bareLink(state: StateInline, silent: boolean): boolean {
  if (silent || state.linkLevel > 0 || state.src[state.pos] !== ":") return false;
  const scheme = SCHEME.exec(state.pending.slice(-5))?.[0];
  if (scheme === undefined) return false;
  ADDRESS.lastIndex = state.pos;
  const rest = ADDRESS.exec(state.src)?.[0].replace(/_+$/u, "");
  if (rest === undefined) return false;
  const run = linkify(scheme + rest)[0];
  if (run?.href == null) return false;
  state.pending = state.pending.slice(0, -scheme.length);
  const open = state.push("link_open", "a", 1);
  open.attrs = [["href", run.href]];
  open.markup = "bare";
  state.push("text", "", 0).content = run.text;
  state.push("link_close", "a", -1);
  state.pos += run.text.length - scheme.length;
  return true;
}

const WORD = /[\p{L}\p{N}]$/u;

/** `~~` strikes out, but opens nothing behind a word: "안녕~~반가워~~", "네~~ 알겠어요~~". */
function strikethrough(state: StateInline, silent: boolean): boolean {
  const behindWord = WORD.test(state.src.slice(Math.max(0, state.pos - 2), state.pos));
  const known = state.delimiters.length;
  if (!tildes(state, silent)) return false;
  if (behindWord) for (const one of state.delimiters.slice(known)) one.open = false;
  return true;
}

export const parser = new MarkdownIt({ html: false, maxNesting: MAX_NESTING })
  // No indented code (an indented line is one), no underlined headings (people part things with
  // `---`), no definitions of references (they would vanish), no HTML, no entities.
  .disable(["code", "lheading", "reference", "html_block", "html_inline", "entity", "linkify"])
  .use(cjkFriendly);

// What interrupts a paragraph and a list, as in markdown-it.
const alt = (...names: string[]) => ({ alt: names });
const { block, inline } = parser;
block.ruler.at(
  "blockquote",
  unless("blockquote", FACE),
  alt("paragraph", "reference", "blockquote", "list"),
);
block.ruler.at("list", unless("list", DATE), alt("paragraph", "reference", "blockquote"));
inline.ruler.at("newline", newline);
inline.ruler.after("text", "mention", mention);
inline.ruler.after("mention", "bare_link", bareLink);
inline.ruler.at("strikethrough", strikethrough);
// An address that isn't safe makes no link: what was written stays as it is.
parser.validateLink = (address) => safeHref(address) !== null;
parser.normalizeLink = (address) => address;
parser.normalizeLinkText = (address) => address;

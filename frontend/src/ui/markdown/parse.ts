import type { Token } from "markdown-it";
import type { Mention } from "./mentions";
import { MAX_NESTING, parser, safeHref } from "./parser";
import type { Env } from "./parser";
import type { Align, Block, Cell, Inline, Inlines, Item } from "./tree";

/** A body has at most 4,000 characters, so as many UTF-16 units twice; what is longer isn't one. */
const MAX_LENGTH = 8_000;
/** Nobody writes by hand what has more parts than this, and the page would have to draw them all. */
const MAX_PARTS = 600;
/** markdown-it looks at each cell of a table in each row: its time is columns times rows. */
const MAX_COLUMNS = 32;

/** What a chat often has and an escape would maim. */
const SHRUG = /¯\\_\(ツ\)_\/¯/gu;

/**
 * A body as a tree, or null where it is to be shown as it is: too long, too deep, of too many parts,
 * or of nothing but markup.
 */
export function parse(text: string, mentions: readonly Mention[] = []): readonly Block[] | null {
  if (text.length > MAX_LENGTH || isWide(text)) return null;
  const env: Env = { mentions };
  const tokens = parser.parse(text.replace(SHRUG, "¯\\\\\\_(ツ)\\_/¯"), env);
  if (!isModest(tokens)) return null;
  const blocks = new TokenReader(tokens).blocks();
  return blocks.length === 0 ? null : blocks;
}

/** Whether a line could part the head of a table from its rows in too many columns. */
function isWide(text: string): boolean {
  return text.split("\n").some((line) => {
    if (!/^[ \t>|:-]*$/u.test(line)) return false;
    return line.split("|").length - 1 > MAX_COLUMNS;
  });
}

function isModest(tokens: readonly Token[]): boolean {
  let parts = 0;
  for (const token of tokens) {
    // Deeper ones may be missing.
    if (token.nesting === 1 && token.level >= MAX_NESTING - 1) return false;
    let depth = 0;
    for (const { nesting, type } of token.children ?? []) {
      depth += nesting;
      if (depth > MAX_NESTING) return false;
      if (nesting === 1 || (nesting === 0 && type !== "text")) parts++;
    }
    if (token.nesting >= 0) parts++;
    if (parts > MAX_PARTS) return false;
  }
  return true;
}

/** Reads markdown-it's flat tokens, each opening one with what belongs to it. Depth is bounded above. */
class TokenReader {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  blocks(): Block[] {
    const blocks: Block[] = [];
    for (let token = this.next(); token !== undefined && token.nesting >= 0; token = this.next()) {
      const block = this.block(token);
      if (block !== null) blocks.push(block);
    }
    return blocks;
  }

  private next(): Token | undefined {
    return this.tokens[this.at++];
  }

  private block(token: Token): Block | null {
    switch (token.type) {
      case "paragraph_open":
        return { is: "paragraph", tight: token.hidden, inside: this.line() };
      case "heading_open": {
        const inside = this.line();
        // "#" alone is a "#".
        if (inside.length === 0) return paragraphOf(token.markup);
        return { is: "heading", level: Number(token.tag.slice(1)), inside };
      }
      case "blockquote_open":
        return { is: "quote", blocks: this.blocks() };
      case "bullet_list_open":
        return { is: "list", ordered: false, items: this.items() };
      case "ordered_list_open":
        return { is: "list", ordered: true, items: this.items() };
      case "fence":
        return { is: "code", info: token.info.trim(), text: token.content.replace(/\n$/u, "") };
      case "table_open":
        return this.table();
      case "hr":
        return { is: "rule" };
      default:
        return token.content === "" ? null : paragraphOf(token.content);
    }
  }

  /** The one line of text within what was opened. */
  private line(): Inlines {
    let inside: Inlines = [];
    for (let token = this.next(); token !== undefined && token.nesting >= 0; token = this.next()) {
      inside = inlines(token.children ?? []);
    }
    return inside;
  }

  private items(): Item[] {
    const items: Item[] = [];
    for (let token = this.next(); token !== undefined && token.nesting >= 0; token = this.next()) {
      // As written: "3." and "5." answer the third and the fifth question.
      const number = token.info === "" ? null : Number(token.info);
      items.push({ number, blocks: this.blocks() });
    }
    return items;
  }

  private table(): Block {
    const rows: Cell[][] = [];
    let depth = 1;
    for (let token = this.next(); token !== undefined; token = this.next()) {
      if (token.type === "tr_open") rows.push([]);
      if (token.type === "th_open" || token.type === "td_open") {
        const align = /left|center|right/u.exec(attribute(token, "style"))?.[0];
        rows.at(-1)?.push({ align: (align as Align | undefined) ?? null, inside: this.line() });
        continue;
      }
      depth += token.nesting;
      if (depth === 0) break;
    }
    const [head = [], ...rest] = rows;
    return { is: "table", head, rows: rest };
  }
}

const attribute = (token: Token, name: string) => String(token.attrGet(name) ?? "");

const paragraphOf = (text: string): Block => ({
  is: "paragraph",
  tight: false,
  inside: [{ is: "text", text }],
});

const MARKS: Readonly<Record<string, "strong" | "em" | "s">> = {
  strong_open: "strong",
  em_open: "em",
  s_open: "s",
};

function inlines(tokens: readonly Token[]): Inline[] {
  const root: Inline[] = [];
  /** What is open: where its content goes, and what is to be said at its end. */
  const open = [{ into: root, end: "", link: false }];
  for (const token of tokens) {
    const top = open.at(-1) ?? { into: root, end: "", link: false };
    const { into } = top;
    if (token.nesting < 0) {
      open.pop();
      if (top.end !== "") open.at(-1)?.into.push({ is: "text", text: top.end });
    } else if (token.nesting > 0) open.push(opened(token, into, top.link));
    else if (token.type !== "text" || token.content !== "") into.push(leaf(token, top.link));
  }
  return root;
}

function opened(token: Token, into: Inline[], link: boolean) {
  const inside: Inline[] = [];
  const mark = MARKS[token.type];
  if (mark !== undefined) {
    into.push({ is: mark, inside });
    return { into: inside, end: "", link };
  }
  const href = safeHref(attribute(token, "href"));
  if (href === null) {
    // `[x]()` leads nowhere: it stays a text.
    into.push({ is: "text", text: "[" });
    return { into, end: "]()", link };
  }
  into.push({ is: "link", href, bare: token.markup !== "", inside });
  return { into: inside, end: "", link: true };
}

function leaf(token: Token, inLink: boolean): Inline {
  switch (token.type) {
    case "code_inline":
      return { is: "code", text: token.content };
    case "mention":
      return { is: "mention", mention: token.meta?.["found"] as Mention };
    case "image":
      return picture(token, inLink);
    case "softbreak":
    case "hardbreak":
      return { is: "text", text: "\n" };
    default:
      return { is: "text", text: token.content };
  }
}

/** Nothing is fetched because somebody named it: a picture is a link to it. */
function picture(token: Token, inLink: boolean): Inline {
  const address = attribute(token, "src");
  const href = safeHref(address);
  const text = token.content === "" ? address : token.content;
  if (href === null) return { is: "text", text: `![${token.content}](${address})` };
  if (inLink) return { is: "text", text };
  return { is: "link", href, bare: false, inside: [{ is: "text", text }] };
}

// What is selected in the log: its rows stay while it is, and what is copied of them is what one reads.

import type { Layout, Range as Rows } from "./layout";
import type { LogElements } from "./row-sizes";
import type { Row } from "./rows";

/** Rows that a selection keeps drawn, at most: some 30 pages. It ends where it would need more. */
const MOST_KEPT = 500;

/** What stands in a row and is nobody's text. */
const BESIDE =
  ".gutter, .avatar, .divider, .edited, .toolbar, .reactions, .pending, .code-head, button:not(.quote), [aria-hidden=true]";
const BLOCKS = "p, div, pre, blockquote, ul, ol, li, table, tr, hr, h1, h2, h3, h4, h5, h6, button";
/** Where a block begins or ends: several in a row are one line break. */
const EDGE = "\0";

export class LogSelection {
  /** The first and the last row of it, by key. */
  private ends: readonly [string, string] | null = null;

  constructor(
    private readonly elements: LogElements,
    private readonly layout: Layout<Row>,
  ) {}

  /** The rows that have to be drawn wherever the reader looks. */
  get rows(): Rows | null {
    if (this.ends === null) return null;
    const [from, to] = this.ends.map((key) => this.layout.indexOf(key));
    if (from !== undefined && to !== undefined && to - from < MOST_KEPT)
      return { from, to: to + 1 };
    // Rather none than another one.
    this.ends = null;
    getSelection()?.removeAllRanges();
    return null;
  }

  /** Follows what is selected and copied, until the returned function is called. */
  follow(): () => void {
    const ended = new AbortController();
    const { signal } = ended;
    document.addEventListener("selectionchange", () => this.changed(), { signal });
    document.addEventListener("copy", (event) => this.copied(event), { signal });
    return () => ended.abort();
  }

  private selected(): { range: Range; rows: HTMLElement[] } | null {
    const selection = getSelection();
    const list = this.elements.list.current;
    if (selection === null || list === null || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const rows = [...list.children].filter((row) => range.intersectsNode(row));
    return { range, rows: rows as HTMLElement[] };
  }

  private changed(): void {
    const rows = this.selected()?.rows ?? [];
    const [first, last] = [rows[0]?.dataset["key"], rows.at(-1)?.dataset["key"]];
    this.ends = first === undefined || last === undefined ? null : [first, last];
  }

  private copied(event: ClipboardEvent): void {
    const selected = this.selected();
    // Within one message the browser does it.
    if (selected === null || selected.rows.length < 2) return;
    const { range, rows } = selected;
    const texts = rows.map((row) => textOf(within(range, row)));
    event.clipboardData?.setData("text/plain", joined(rows, texts));
    event.preventDefault();
  }
}

/** Who begins to speak stands apart. */
function joined(rows: readonly HTMLElement[], texts: readonly string[]): string {
  let all = "";
  texts.forEach((text, index) => {
    if (text === "") return;
    const begins = rows[index]?.querySelector(".message-head") != null;
    if (all !== "") all += begins ? "\n\n" : "\n";
    all += text;
  });
  return all;
}

/** What of a range is in a row. */
function within(range: Range, row: Element): DocumentFragment {
  const part = document.createRange();
  part.selectNodeContents(row);
  if (part.comparePoint(range.startContainer, range.startOffset) === 0) {
    part.setStart(range.startContainer, range.startOffset);
  }
  if (part.comparePoint(range.endContainer, range.endOffset) === 0) {
    part.setEnd(range.endContainer, range.endOffset);
  }
  return part.cloneContents();
}

/** As one reads it: a line is a line, and a list has its marks. */
function textOf(part: Node): string {
  return read(part)
    .replace(/^\0+|\0+$/g, "")
    .replace(/\0+/g, "\n");
}

function read(node: Node): string {
  if (node instanceof Text) return node.data;
  if (node instanceof Element && node.matches(BESIDE)) return "";
  const text = [...node.childNodes].map(read).join("");
  if (!(node instanceof Element)) return text;
  if (node.localName === "br") return "\n";
  if (node.localName === "time") return ` ${text}`;
  if (node.matches("td, th")) return `${text}\t`;
  const mark = node.localName === "li" ? markOf(node) : "";
  return node.matches(BLOCKS) ? `${EDGE}${mark}${text.replace(/^\0+/, "")}${EDGE}` : text;
}

function markOf(item: Element): string {
  const number = item.getAttribute("value");
  return number === null ? "• " : `${number}. `;
}

import type { Layout, Range } from "./layout";
import { AHEAD_PX, fromBottom, isNearBottom, viewTop } from "./scroll";
import type { PlacedRow } from "../../context/room-views";

interface Keyed {
  readonly key: string;
}

/** A viewport's height before it is known. */
const PAGE = 1_000;
/** The browser rounds where it scrolls to: less than this is the same. */
const SAME_PX = 0.8;

/**
 * Keeps what the reader sees in its place, and says which rows have to be drawn for it. The place
 * is a row and where it stands in the viewport; where to scroll follows from that and the sums of
 * `Layout`, whatever came, went or turned out to be of another height. The browser's own scroll
 * anchoring is off (`overflow-anchor: none`): Safari has none, and two hands on one wheel make it
 * jump.
 */
export class ScrollManager<R extends Keyed> {
  /** At the newest, and to be kept there. */
  stick = true;
  private port: HTMLElement | null = null;
  /** Holds the rows that are drawn, with room for those that are not. */
  private list: HTMLElement | null = null;
  /** What the reader saw last, from the top. */
  private place: readonly PlacedRow[] = [];
  /** Where the scroll bar was last, for all that is known here. */
  private known = NaN;
  private drawn: Range = { from: 0, to: 0 };
  /** The reader's hand is on the wheel: to write `scrollTop` now would stop it. */
  private moving = false;
  /** How far below their sums the rows are drawn meanwhile. */
  private drift = 0;
  /** Rows that stand apart from the one above them. */
  private apart: HTMLElement[] = [];

  constructor(readonly layout: Layout<R>) {}

  /**
   * Other rows were drawn. The room for those that are not is made before any is measured: where it
   * stays as it is, as above what is said at the end, the browser lays out once instead of twice.
   */
  attach(port: HTMLElement, list: HTMLElement): void {
    this.port = port;
    this.list = list;
    this.space();
  }

  get page(): number {
    return this.port?.clientHeight ?? PAGE;
  }

  /** Where the viewport begins, in the sums. */
  get top(): number {
    const newest = this.layout.total - this.page;
    if (this.stick) return newest;
    return viewTop(this.place, (key) => this.layout.topOf(key)) ?? newest;
  }

  /** Nothing is held any more of what the reader saw. */
  get astray(): boolean {
    return !this.stick && viewTop(this.place, (key) => this.layout.topOf(key)) === undefined;
  }

  get distance(): { top: number; bottom: number; page: number } {
    const bottom = this.port === null ? 0 : fromBottom(this.port);
    return { top: this.top, bottom, page: this.page };
  }

  /** Where the reader is, to come back to; null for at the newest. */
  get bookmark(): readonly PlacedRow[] | null {
    return this.stick ? null : this.place;
  }

  /** The rows to draw now. */
  draw(): Range {
    this.drawn = this.layout.touching(this.top - AHEAD_PX, this.top + this.page + AHEAD_PX);
    return this.drawn;
  }

  /** Whether what is drawn reaches far enough still. */
  get covered(): boolean {
    const ahead = AHEAD_PX / 3;
    const must = this.layout.touching(this.top - ahead, this.top + this.page + ahead);
    return this.drawn.from <= must.from && this.drawn.to >= must.to;
  }

  /** Takes the heights of rows that are drawn; whether one is news. */
  measure(rows: Iterable<Element>): boolean {
    let news = false;
    for (const row of rows) {
      const { key } = (row as HTMLElement).dataset;
      if (key === undefined || !row.isConnected) continue;
      if (this.layout.measure(key, row.getBoundingClientRect().height)) news = true;
    }
    return news;
  }

  /** Puts everything where it belongs. Call after the DOM or a height changed, before it is painted. */
  keep(): void {
    const { port } = this;
    if (port === null) return;
    if (this.stick) {
      this.drift = 0;
      this.space();
      port.scrollTop = port.scrollHeight;
      this.known = port.scrollTop;
      return;
    }
    const { top } = this;
    this.space();
    this.known = port.scrollTop;
    const off = this.origin + top - this.known;
    if (Math.abs(off) < SAME_PX && (this.moving || this.drift === 0)) return;
    // Near the top nothing may stand above the beginning.
    if (this.moving && Math.min(top, port.scrollTop) > 2 * this.page) {
      this.drift -= off;
      this.space();
      return;
    }
    this.drift = 0;
    this.space();
    port.scrollTop = this.origin + top;
    this.known = port.scrollTop;
    // The end came first.
    if (Math.abs(this.origin + top - this.known) > 1) this.look();
  }

  /**
   * Takes the reader's place when it was the reader who scrolled, and tells so. To be asked by the
   * browser's event, and before anything is drawn: the event may still be on its way.
   */
  scrolled(atHead: boolean): boolean {
    const { port } = this;
    if (port === null || Math.abs(port.scrollTop - this.known) < SAME_PX) return false;
    this.known = port.scrollTop;
    this.moving = true;
    this.look();
    this.stick = atHead && isNearBottom(port);
    // At the very top is at the first row, also when rows were drawn above it meanwhile.
    if (this.drift < 0 && port.scrollTop <= 0) this.toStart();
    else if (this.drift !== 0 && Math.min(this.top, port.scrollTop) <= 2 * this.page) this.rest();
    return true;
  }

  /** The reader's hand is off the wheel. */
  rest(): void {
    this.moving = false;
    if (this.drift !== 0) this.keep();
  }

  /** At the newest is where the rows end: after a place was gone to that is not up. */
  settle(atHead: boolean): void {
    if (this.port === null) return;
    this.look();
    this.stick = atHead && isNearBottom(this.port);
  }

  toBottom(): void {
    this.stick = true;
    this.keep();
  }

  toStart(): void {
    const first = this.layout.row(0);
    if (first !== undefined) this.toPlace([{ key: first.key, top: 0, bottom: 0 }]);
    this.keep();
  }

  /** To a place that was a bookmark; whether something of it is still there. */
  toPlace(place: readonly PlacedRow[]): boolean {
    if (viewTop(place, (key) => this.layout.topOf(key)) === undefined) return false;
    this.stick = false;
    this.moving = false;
    this.place = place;
    return true;
  }

  /** Brings a row to a part of the height, from the top; whether there is such a row. */
  toRow(key: string, part: number): boolean {
    const index = this.layout.indexOf(key);
    if (index === undefined) return false;
    const height = this.layout.top(index + 1) - this.layout.top(index);
    const top = Math.max(0, (this.page - height) * part);
    return this.toPlace([{ key, top, bottom: top + height }]);
  }

  /** Where the first row begins in what the port scrolls. */
  private get origin(): number {
    if (this.port === null || this.list === null) return 0;
    const { top } = this.list.getBoundingClientRect();
    return top - this.port.getBoundingClientRect().top + this.port.scrollTop;
  }

  private look(): void {
    const top = (this.port?.scrollTop ?? 0) - this.origin;
    const [first, ...rest] = this.layout.anchors(top, this.page);
    if (first === undefined) this.place = [];
    // What is read is what is seen whole, unless a long message fills the view.
    else if (first.top < 0 && first.bottom < this.page / 2) this.place = [...rest, first];
    else this.place = [first, ...rest];
  }

  /** Room for the rows that are not drawn: above, below, and beside one that is drawn far away. */
  private space(): void {
    const { list, layout } = this;
    if (list === null) return;
    for (const row of this.apart) row.style.marginTop = "";
    this.apart = [];
    let above = 0;
    let end: number | null = null;
    for (const row of list.children as Iterable<Element> as Iterable<HTMLElement>) {
      const index = layout.indexOf(row.dataset["key"] ?? "");
      if (index === undefined) continue;
      const top = layout.top(index);
      if (end === null) above = top;
      else if (top > end) {
        row.style.marginTop = `${top - end}px`;
        this.apart.push(row);
      }
      end = layout.top(index + 1);
    }
    const below = end === null ? 0 : layout.total - end;
    list.style.padding = `${above}px 0 ${below}px`;
    list.style.marginTop = `${this.drift}px`;
  }
}

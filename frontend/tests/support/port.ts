// A log as a browser lays it out, as far as its scrolling goes.

export interface DrawnRow {
  key: string;
  /** What it turns out to be when it is drawn. */
  height: number;
}

const EDGE = 60;
/** What stands above the rows. */
export const HEAD = 16;

/** As much of a scrolling element as is used, around a list that draws some of the rows. */
export class Port {
  drawn: DrawnRow[] = [];
  clientHeight = 200;
  clientWidth = 600;
  readonly dataset = {};
  readonly styles = new Map<string, { marginTop: string }>();
  readonly style = { padding: "0px 0 0px", marginTop: "0px" };
  private at = 0;

  private get paddings(): number[] {
    return this.style.padding.split(" ").map(parseFloat);
  }
  private margin(row: DrawnRow): number {
    return parseFloat(this.styles.get(row.key)?.marginTop ?? "") || 0;
  }
  get scrollHeight(): number {
    const inner = this.drawn.reduce((sum, row) => sum + row.height + this.margin(row), 0);
    const [above = 0, , below = 0] = this.paddings;
    return HEAD + parseFloat(this.style.marginTop) + above + inner + below;
  }
  get scrollTop(): number {
    return this.at;
  }
  set scrollTop(value: number) {
    // As Chromium does: whole pixels, within what there is.
    this.at = Math.round(Math.max(0, Math.min(value, this.scrollHeight - this.clientHeight)));
  }
  getBoundingClientRect() {
    return { top: EDGE };
  }
  /** The list of rows. */
  get list() {
    const listTop = () => EDGE - this.at + HEAD + parseFloat(this.style.marginTop);
    const elements = this.drawn.map((row) => {
      let style = this.styles.get(row.key);
      if (style === undefined) this.styles.set(row.key, (style = { marginTop: "" }));
      return {
        dataset: { key: row.key },
        style,
        isConnected: true,
        getBoundingClientRect: () => ({ height: row.height }),
      };
    });
    return {
      children: elements,
      style: this.style,
      getBoundingClientRect: () => ({ top: listTop() }),
    };
  }
  /** Where a row that is drawn stands in the viewport. */
  topOf(key: string): number | undefined {
    let y = HEAD + parseFloat(this.style.marginTop) + (this.paddings[0] ?? 0) - this.at;
    for (const row of this.drawn) {
      y += this.margin(row);
      if (row.key === key) return y;
      y += row.height;
    }
    return undefined;
  }
}

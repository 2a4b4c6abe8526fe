import { heightOf } from "../../features/files/dimensions";
import type { Row } from "./rows";

const LINE = 22.5;
const QUOTE = 24;
const CHIPS = 32;
const NARROW = 7.2;
const WIDE = 14;
/** Scripts whose letters are square. */
const SQUARE = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]/gu;

/**
 * How high a row is before anybody saw it, in pixels, at some width of the text. A guess that is
 * near spares the scroll bar a jump; nothing depends on it.
 */
export function estimate(row: Row, width: number): number {
  if (row.kind === "start") return 90;
  if (row.kind === "day") return 50;
  if (row.kind === "divider") return 30;
  if (row.kind === "note") return 36;
  const head = 2 + (row.first ? 33 : 0);
  if (row.kind === "gone") return head + LINE;
  const perLine = Math.max(width, 100);
  let lines = 0;
  const { body = "" } = row.source;
  for (const line of body === "" ? [] : body.split("\n")) {
    const square = line.match(SQUARE)?.length ?? 0;
    const px = square * WIDE + (line.length - square) * NARROW;
    lines += Math.max(1, Math.ceil(px / perLine));
  }
  const { source } = row;
  const quote = source.reply_to === undefined ? 0 : QUOTE;
  const chips = "reactions" in source ? CHIPS : 0;
  return head + quote + lines * LINE + heightOf(source.files ?? []) + chips;
}

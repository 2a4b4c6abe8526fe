// How large what a message carries is drawn, known before any of it is loaded.

import type { FileInfo } from "../../../protocol/generated";

/** A single picture is at most this large, in pixels. */
const MAX_WIDTH = 360;
const MAX_HEIGHT = 280;
/** And at least so: what is a line of pixels has to be found, too. */
const MIN_SIDE = 48;
/** In files.css as well: a picture among several, a card, what is between. */
const SQUARE = 148;
const CARD = 58;
const GAP = 6;

export type Picture = FileInfo & { width: number; height: number };

/** The server names a size for what a page can show. */
export function isPicture(file: FileInfo): file is Picture {
  return file.media_type.startsWith("image/") && (file.width ?? 0) > 0 && (file.height ?? 0) > 0;
}

/** The box of a single picture. Its longer side rules; a narrow one is cut rather than a thread. */
export function boxOf({ width, height }: Picture): { width: number; height: number } {
  const scale = Math.min(1, MAX_WIDTH / width, MAX_HEIGHT / height);
  const side = (length: number) => Math.max(MIN_SIDE, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

/** How many squares stand side by side. */
export function columnsOf(count: number): number {
  return count === 2 || count === 4 ? 2 : 3;
}

/** How high they are all together, for a timeline that hasn't drawn them yet. */
export function heightOf(files: readonly FileInfo[]): number {
  const pictures = files.filter(isPicture);
  const [first] = pictures;
  let height = 0;
  if (first !== undefined && pictures.length === 1) height += boxOf(first).height + GAP;
  else if (first !== undefined) {
    height += Math.ceil(pictures.length / columnsOf(pictures.length)) * (SQUARE + GAP);
  }
  // What is played is higher, and seldom.
  return height + (files.length - pictures.length) * (CARD + GAP);
}

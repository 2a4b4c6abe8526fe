import type { FileInfo } from "../../../protocol/generated";

/** What a card is coloured by. */
export type Kind =
  "document" | "sheet" | "slides" | "archive" | "sound" | "film" | "picture" | "other";

const ENDINGS: readonly (readonly [Kind, RegExp])[] = [
  ["document", /^(?:pdf|docx?|hwpx?|odt|rtf|txt|md|pages)$/],
  ["sheet", /^(?:xlsx?|ods|csv|tsv|numbers|cell)$/],
  ["slides", /^(?:pptx?|odp|key|show)$/],
  ["archive", /^(?:zip|7z|rar|tar|t?gz|bz2|xz|zst|alz|egg)$/],
];

/** Behind the last dot, where it is short enough to be an ending. */
export function endingOf(name: string): string {
  return /.\.([\p{L}\p{N}]{1,5})$/u.exec(name)?.[1] ?? "";
}

/** By its type where that says it, else by what its name ends in: it decides on a colour only. */
export function kindOf({ name, media_type }: Pick<FileInfo, "name" | "media_type">): Kind {
  if (media_type.startsWith("audio/")) return "sound";
  if (media_type.startsWith("video/")) return "film";
  if (media_type.startsWith("image/")) return "picture";
  const ending = endingOf(name).toLowerCase();
  return ENDINGS.find(([, endings]) => endings.test(ending))?.[0] ?? "other";
}

/** Types that every browser plays; the server says what is one by its content. */
const PLAYED = /^(?:audio\/(?:mpeg|mp4|ogg|opus|wav|flac|aac)|video\/(?:mp4|webm))$/;

export function isPlayed(file: Pick<FileInfo, "media_type">): boolean {
  return PLAYED.test(file.media_type);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** "1.4 MB", as the language writes it; thousands, as file managers count them. */
export function bytes(count: number, language: string): string {
  let value = count;
  let at = 0;
  // 999.5 kB would be written as 1,000 kB.
  while (value >= 999.5 && at < UNITS.length - 1) {
    value /= 1_000;
    at += 1;
  }
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: UNITS[at] ?? "byte",
    unitDisplay: at === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && at > 1 ? 1 : 0,
  }).format(value);
}

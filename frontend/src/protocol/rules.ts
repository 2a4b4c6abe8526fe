// What the server accepts as names and bodies (protocol/src/{names,body,topic,unicode}.rs), so that a
// person hears of a mistake before a round trip. The server decides; this only spares it.

import { MAX_BODY_BYTES, MAX_BODY_CHARS } from "./generated";

export type Rule = "empty" | "too_long" | "forbidden";
export type Checked = { ok: true; value: string } | { ok: false; rule: Rule };

export const VISIBLE = /[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u;
const BODY_FORBIDDEN = /(?![\t\n\r])\p{Cc}/u;

export const refuse = (rule: Rule): Checked => ({ ok: false, rule });

/** Characters as the server counts them: Unicode scalar values. */
export function characters(text: string): number {
  let n = 0;
  for (let i = 0; i < text.length; i++, n++) {
    if ((text.codePointAt(i) ?? 0) > 0xffff) i++;
  }
  return n;
}

/** Without space around it, and with one space between words. */
export function oneSpaced(text: string): string {
  return text
    .split(/\p{White_Space}+/u)
    .filter((word) => word !== "")
    .join(" ");
}

export const normalise = (text: string) => oneSpaced(text).normalize("NFC");

export function checkBody(text: string): Checked {
  if (!VISIBLE.test(text)) return refuse("empty");
  if (BODY_FORBIDDEN.test(text)) return refuse("forbidden");
  if (characters(text) > MAX_BODY_CHARS) return refuse("too_long");
  if (new TextEncoder().encode(text).length > MAX_BODY_BYTES) return refuse("too_long");
  return { ok: true, value: text };
}

/** What rooms are told apart by: two rooms never differ in case only. */
export function roomKey(name: string): string {
  return normalise(name).toUpperCase().toLowerCase().normalize("NFC");
}

// What the server accepts as names and bodies (protocol/src/{names,body,topic,unicode}.rs), so that a
// person hears of a mistake before a round trip. The server decides; this only spares it.

import { MAX_BODY_BYTES, MAX_BODY_CHARS, MAX_NAME_CHARS, MAX_ROOM_NAME_CHARS } from "./generated";

export type Rule = "empty" | "too_long" | "forbidden";
export type Checked = { ok: true; value: string } | { ok: false; rule: Rule };

const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u;
const VISIBLE = /[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u;
// The joiner and the selector of emoji are invisible alone and welcome between emoji.
const NAME_FORBIDDEN =
  /[\p{Cc}\p{Bidi_Control}]|(?!\u200D|\uFE0F)\p{Default_Ignorable_Code_Point}/u;
const ROOM_ALLOWED = /^[\p{Alphabetic}\p{N}\p{M}\-_ ]*$/u;
const ROOM_READABLE = /[\p{Alphabetic}\p{N}]/u;
const BODY_FORBIDDEN = /(?![\t\n\r])\p{Cc}/u;

const refuse = (rule: Rule): Checked => ({ ok: false, rule });

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

const normalise = (text: string) => oneSpaced(text).normalize("NFC");

export function checkDisplayName(text: string): Checked {
  const name = normalise(text);
  if (!VISIBLE.test(name)) return refuse("empty");
  if (NAME_FORBIDDEN.test(name)) return refuse("forbidden");
  if (characters(name) > MAX_NAME_CHARS) return refuse("too_long");
  return { ok: true, value: name };
}

export function checkRoomName(text: string): Checked {
  const name = normalise(text);
  if (name === "") return refuse("empty");
  if (!ROOM_ALLOWED.test(name) || IGNORABLE.test(name)) return refuse("forbidden");
  if (!ROOM_READABLE.test(name)) return refuse("empty");
  if (characters(name) > MAX_ROOM_NAME_CHARS) return refuse("too_long");
  return { ok: true, value: name };
}

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

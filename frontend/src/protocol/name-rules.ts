// What the server accepts as the name of a person or a room (protocol/src/names.rs), as in `rules.ts`.

import { MAX_NAME_CHARS, MAX_ROOM_NAME_CHARS } from "./generated";
import { characters, normalise, refuse, VISIBLE } from "./rules";
import type { Checked } from "./rules";

const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u;
// The joiner and the selector of emoji are invisible alone and welcome between emoji.
const NAME_FORBIDDEN =
  /[\p{Cc}\p{Bidi_Control}]|(?!\u200D|\uFE0F)\p{Default_Ignorable_Code_Point}/u;
const ROOM_ALLOWED = /^[\p{Alphabetic}\p{N}\p{M}\-_ ]*$/u;
const ROOM_READABLE = /[\p{Alphabetic}\p{N}]/u;

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

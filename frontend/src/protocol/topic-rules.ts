// What the server accepts as a room's topic and description (protocol/src/topic.rs), as in `rules.ts`.

import { MAX_DESCRIPTION_CHARS, MAX_TOPIC_CHARS } from "./generated";
import { characters, oneSpaced, refuse } from "./rules";
import type { Checked } from "./rules";

const TOPIC_FORBIDDEN = /[\p{Cc}\p{Bidi_Control}]/u;
const DESCRIPTION_FORBIDDEN = /(?![\t\n])\p{Cc}/u;

/** What a room is about, in a line; empty for nothing. */
export function checkTopic(text: string): Checked {
  if (characters(text) > MAX_TOPIC_CHARS) return refuse("too_long");
  const line = oneSpaced(text);
  return TOPIC_FORBIDDEN.test(line) ? refuse("forbidden") : { ok: true, value: line };
}

/** Some lines on it; empty for nothing. */
export function checkDescription(text: string): Checked {
  if (characters(text) > MAX_DESCRIPTION_CHARS) return refuse("too_long");
  const lines = text.replace(/\r\n?/g, "\n").trim();
  return DESCRIPTION_FORBIDDEN.test(lines) ? refuse("forbidden") : { ok: true, value: lines };
}

import type { Strings } from "../../i18n/i18n";

export const en = {
  "fatal.title": "Maru can't start",
  "fatal.config.missing":
    "The file config.json beside this page could not be loaded ({detail}). Whoever runs this site can put it there: it holds the address of the chat server.",
  "fatal.config.broken":
    "The file config.json beside this page is not valid: {detail}. It should look like {example}.",
  "fatal.json": "not JSON",
  "fatal.object": "not an object",
  "fatal.text": "“server” is not a text",
  "fatal.relative": "“server” must begin with ws:, wss: or /, not {given}",
  "fatal.address": "“server” is not an address: {given}",
  "fatal.scheme": "“server” must begin with ws: or wss:, not {given}",
  "fatal.retry": "Try again",
} as const satisfies Strings;

import type { Text } from "../i18n/en";

export const fatalEn = {
  "fatal.title": "Maru can't start",
  "fatal.config.missing":
    "The file config.json beside this page could not be loaded ({detail}). Whoever runs this site can put it there: it holds the address of the chat server.",
  "fatal.config.broken":
    "The file config.json beside this page is not valid: {detail}. It should look like {example}.",
  "fatal.retry": "Try again",
} as const satisfies Record<string, Text>;

export type FatalKey = keyof typeof fatalEn;

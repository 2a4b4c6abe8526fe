import type { Text } from "../i18n/en";

export const searchEn = {
  "search.title": "Search",
  "search.field": "Search messages",
  "search.clear": "Clear the search",
  "search.close": "Close the search",
  "search.scope": "Where to search",
  "search.scope.room": "This room",
  "search.scope.all": "All your rooms",
  "search.results": "Results",
  "search.in": "in {room}",
  "search.empty": "Find what was said",
  "search.empty.lead": "Part of a word is enough. Of several words, all have to be in the message.",
  "search.short": "One letter is in every message: type another one.",
  "search.long": "Use at most {most} characters.",
  "search.searching": "Searching…",
  "search.none": "Nothing found",
  "search.none.room": "No message in {room} has all of these words.",
  "search.none.all": "No message in your rooms has all of these words.",
  "search.none.widen": "Search all your rooms",
  "search.failed": "The search didn't work: {why}",
  "search.retry": "Try again",
  "search.more": "More results",
  "search.found": { one: "{count} result", other: "{count} results" },
  "search.found.more": {
    one: "{count} result, and there are more",
    other: "{count} results, and there are more",
  },
  "search.files": { one: "{count} file", other: "{count} files" },
  "search.keys": "↑ ↓ choose, Enter shows it in the room",
} as const satisfies Record<string, Text>;

export type SearchKey = keyof typeof searchEn;

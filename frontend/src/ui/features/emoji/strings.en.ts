import type { Strings } from "../../i18n/i18n";

export const en = {
  "emoji.open": "Insert emoji",

  "emoji.title": "Emoji",
  "emoji.search": "Find an emoji",
  "emoji.loading": "Loading…",
  "emoji.categories": "Categories",
  "emoji.none": "No emoji has this name.",
  "emoji.found": { one: "{count} emoji", other: "{count} emoji" },
  "emoji.recent": "Recently used",
  "emoji.smileys": "Smileys and feelings",
  "emoji.people": "People",
  "emoji.nature": "Animals and nature",
  "emoji.food": "Food and drink",
  "emoji.travel": "Travel and places",
  "emoji.activities": "Activities",
  "emoji.objects": "Objects",
  "emoji.symbols": "Symbols",
  "emoji.flags": "Flags",
} as const satisfies Strings;

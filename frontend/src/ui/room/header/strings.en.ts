import type { Strings } from "../../i18n/i18n";

export const en = {
  "about.title": "About {room}",
  "about.lead": "Everyone in the room sees this, and can change it.",
  "about.topic": "Topic",
  "about.topic.placeholder": "What is this room for?",
  "about.description": "Description",
  "about.description.placeholder": "Links, rules, who to ask …",
  "about.cancel": "Cancel",
  "about.submit": "Save",
  "about.forbidden": "This text contains characters that can't be saved.",

  "pinned.title": "Pinned messages",
  "pinned.none": "Nothing is pinned here.",
  "pinned.loading": "Loading…",
  "pinned.failed": "The pinned messages could not be loaded. {why}",
  "pinned.show": "Show",
  "pinned.close": "Close",
} as const satisfies Strings;

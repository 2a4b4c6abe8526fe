import type { Strings } from "../../i18n/i18n";

export const en = {
  "switcher.title": "Go to a room",
  "switcher.placeholder": "Name of a room",
  "switcher.results": "Rooms",
  "switcher.count": { one: "{count} room", other: "{count} rooms" },
  "switcher.none": "No room has this name.",
  "switcher.empty": "There is no other room yet. Write a name to make one.",
  "switcher.here": "open",
  "switcher.draft": "draft",
  "switcher.unread": { one: "{count} unread", other: "{count} unread" },
  "switcher.people": { one: "{count} person", other: "{count} people" },
  "switcher.create": "Make the room “{room}”",
  "switcher.hint": "↑ ↓ to choose, Enter to open, Esc to close",
} as const satisfies Strings;

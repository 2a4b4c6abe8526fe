import type { Strings } from "../i18n/i18n";

export const en = {
  "rooms.found": "Search results",
  "rooms.more": "More rooms",
  "rooms.none.found.lead": "No room has this name. You can make it.",
  "rooms.none.found": "No room has this name.",
  "rooms.none.all": "There are no other rooms yet.",
  "create.offer": "Make the room “{room}”",
  "rooms.people": { one: "{count} person", other: "{count} people" },
} as const satisfies Strings;

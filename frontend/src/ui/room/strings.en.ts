import type { Strings } from "../i18n/i18n";

export const en = {
  "refused.room_not_found.title": "There is no room “{room}”",
  "refused.room_not_found.lead": "You can make it now. Everyone with this link will find it.",
  "refused.name_taken.title": "Somebody here has a name like yours",
  "refused.name_taken.lead":
    "Names in a room must be easy to tell apart. Choose another one to enter {room}.",
  "refused.other.title": "You can't enter {room}",
  "refused.create": "Make the room “{room}”",
  "refused.retry": "Try again",
  "refused.rename": "Change name",
  "refused.back": "Back to the rooms",
  "room.sample": "{shown} of {count} people are listed.",
} as const satisfies Strings;

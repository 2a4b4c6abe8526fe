import type { Strings } from "../../i18n/i18n";

export const en = {
  "notify.title": "{name} in {room}",
  "notify.more": { one: "and {count} more", other: "and {count} more" },
} as const satisfies Strings;

import type { Strings } from "../../i18n/i18n";

export const en = {
  "typing.one": "{a} is typing…",
  "typing.two": "{a} and {b} are typing…",
  "typing.many": "Several people are typing…",

  "reply.to": "Reply to {name}",
  "reply.cancel": "Don't reply",
  "edit.title": "Edit message",
  "edit.hint": "Enter to save, Esc to cancel",
  "edit.cancel": "Cancel editing",

  "mention.label": "People to mention",
  "mention.count": { one: "{count} person to mention", other: "{count} people to mention" },
  "mention.away": "away",
} as const satisfies Strings;

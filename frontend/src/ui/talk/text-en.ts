import type { Text } from "../i18n/en";

export const talkEn = {
  "typing.one": "{a} is typing…",
  "typing.two": "{a} and {b} are typing…",
  "typing.many": "Several people are typing…",

  toolbar: "What to do with this message",
  more: "More",
  "react.with": "React with {emoji}",
  "deed.react": "Add a reaction",
  "deed.reply": "Reply",
  "deed.edit": "Edit",
  "deed.copy": "Copy text",
  "deed.link": "Copy link",
  "deed.pin": "Pin to the room",
  "deed.unpin": "Unpin",
  "deed.delete": "Delete",
  copied: "Text copied.",
  not_copied: "The browser doesn't let this page copy. Select the text instead.",

  "reply.to": "Reply to {name}",
  "reply.cancel": "Don't reply",
  "edit.title": "Edit message",
  "edit.hint": "Enter to save, Esc to cancel",
  "edit.cancel": "Cancel editing",

  "delete.title": "Delete this message?",
  "delete.lead": "It goes for everyone, and can't be brought back.",
  "delete.submit": "Delete",

  "mention.label": "People to mention",
  "mention.count": { one: "{count} person to mention", other: "{count} people to mention" },
  "mention.away": "away",

  "about.title": "About {room}",
  "about.lead": "Everyone in the room sees this, and can change it.",
  "about.topic": "Topic",
  "about.topic.placeholder": "What is this room for?",
  "about.description": "Description",
  "about.description.placeholder": "Links, rules, who to ask …",
  "about.submit": "Save",
  "about.forbidden": "This text contains characters that can't be saved.",

  "pinned.title": "Pinned messages",
  "pinned.none": "Nothing is pinned here.",
  "pinned.loading": "Loading…",
  "pinned.failed": "The pinned messages could not be loaded. {why}",
  "pinned.show": "Show",
  "pinned.close": "Close",

  "undone.edit": "Your change to a message was not saved. {why}",
  "undone.delete": "Your message was not deleted. {why}",
  "undone.reaction": "Your reaction was not saved. {why}",
  "undone.pin": "The pinned messages were not changed. {why}",
  "undone.topic": "The topic was not changed. {why}",
} as const satisfies Record<string, Text>;

export type TalkKey = keyof typeof talkEn;

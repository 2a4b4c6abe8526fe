import type { Strings } from "../../i18n/i18n";

export const en = {
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

  "delete.title": "Delete this message?",
  "delete.lead": "It goes for everyone, and can't be brought back.",
  "delete.submit": "Delete",

  "undone.edit": "Your change to a message was not saved. {why}",
  "undone.delete": "Your message was not deleted. {why}",
  "undone.reaction": "Your reaction was not saved. {why}",
  "undone.pin": "The pinned messages were not changed. {why}",
  "undone.topic": "The topic was not changed. {why}",
} as const satisfies Strings;

import type { Strings } from "../../i18n/i18n";

export const en = {
  toolbar: "What to do with this message",
  more: "More",
  "react.with": "React with {emoji}",
  "action.react": "Add a reaction",
  "action.reply": "Reply",
  "action.edit": "Edit",
  "action.copy": "Copy text",
  "action.link": "Copy link",
  "action.pin": "Pin to the room",
  "action.unpin": "Unpin",
  "action.delete": "Delete",
  copied: "Text copied.",
  not_copied: "The browser doesn't let this page copy. Select the text instead.",

  "delete.title": "Delete this message?",
  "delete.lead": "It goes for everyone, and can't be brought back.",
  "delete.cancel": "Cancel",
  "delete.submit": "Delete",

  "rejected.edit": "Your change to a message was not saved. {why}",
  "rejected.delete": "Your message was not deleted. {why}",
  "rejected.reaction": "Your reaction was not saved. {why}",
  "rejected.pin": "The pinned messages were not changed. {why}",
  "rejected.topic": "The topic was not changed. {why}",
} as const satisfies Strings;

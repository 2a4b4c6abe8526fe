import type { Strings } from "./i18n";

export const en = {
  "app.skip": "Skip to the message box",

  "rooms.title": "Rooms",
  "rooms.mine": "Your rooms",
  "rooms.all": "All rooms",
  "rooms.search": "Find a room",
  "rooms.new": "New room",
  "rooms.none": "You aren't in a room yet.",
  "rooms.switcher": "Go to a room",
  "rooms.none.lead": "Choose one below, or make a new one.",
  "rooms.unread": { one: "{count} unread message", other: "{count} unread messages" },
  "rooms.mentions": { one: "{count} mention of you", other: "{count} mentions of you" },
  "rooms.draft": "Unsent draft",
  "rooms.open": "Show rooms",
  "rooms.close": "Close rooms",

  "room.people": "People",
  "room.people.show": "Show people",
  "room.people.hide": "Hide people",
  "room.leave": "Leave room",
  "room.copy": "Copy link to room",
  "room.copied": "Link copied.",
  "room.left": "You left {room}.",
  "room.here": { one: "{count} here now", other: "{count} here now" },
  "room.joining": "Entering the room…",
  "room.topic.change": "Topic and description",
  "room.topic.add": "Add a topic",
  "room.pinned": { one: "{count} pinned message", other: "{count} pinned messages" },

  "log.label": "Messages in {room}",
  "log.start.title": "This is where {room} begins",
  "log.start.lead": "The first message is below.",
  "log.new": "New messages",
  "log.loading": "Loading older messages…",
  "log.today": "Today",
  "log.yesterday": "Yesterday",

  "message.label": "{name}: {body}, {time}",
  "message.nowhere": "This message isn't here any more, or it never was.",
  "message.pending": "Sending…",
  "message.waiting": "Will be sent when the connection is back",
  "message.failed": "Not sent.",

  "file.unsolved": "A file could not be uploaded. Try it again or remove it, then send.",

  "search.open": "Search messages",
  "message.deleted": "This message was deleted.",
  "message.edited": "edited",
  "message.edited.at": "Edited {time}",
  "message.changing": "This change is on its way.",

  "quote.label": "In reply to {name}: {body}",
  "quote.show": "Go to that message",
  "quote.files": "Files",

  "composer.label": "Message to {room}",
  "composer.placeholder": "Message {room}",
  "composer.send": "Send message",
  "composer.left": { one: "{count} character left", other: "{count} characters left" },
  "composer.over": { one: "{count} character too many", other: "{count} characters too many" },
  "composer.hint": "Enter to send, Shift + Enter for a new line",
  "composer.edit": "Edit the message",
  "composer.save": "Save changes",
  "composer.forbidden": "This text contains control characters that can't be sent.",

  "settings.open": "Settings",
  "part.failed": "A part of the page could not be loaded. Is there a network?",

  "error.other": "The server refused: {message}",
} as const satisfies Strings;

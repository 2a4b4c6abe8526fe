import type { Strings } from "../../i18n/i18n";

export const en = {
  "log.empty.title": "It's quiet in {room}",
  "log.empty.lead": "Write the first message.",
  "log.jump": "Jump to the newest message",
  "log.jump.new": { one: "{count} new", other: "{count} new" },
  news: "{count} new",
  "news.since": "{count} new since {time}",
  "news.read": "Mark as read",
  "message.retry": "Try again",
  "message.retry.text": "Send the text alone",
  "message.discard": "Discard",
  "announce.message": "{name}: {body}",
  "announce.many": {
    one: "{count} new message in {room}",
    other: "{count} new messages in {room}",
  },

  "reaction.label": "{emoji}: {who}",
  "reaction.more": { one: "{count} more", other: "{count} more" },
  "reaction.add": "Add a reaction",
  "note.topic": "{name} changed the topic to “{topic}”",
  "note.topic.none": "{name} cleared the topic",
  "note.pin": "{name} pinned a message.",
  "note.pin.show": "Show it",
  "room.you": "you",
} as const satisfies Strings;

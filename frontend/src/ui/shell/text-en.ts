import type { Text } from "../i18n/en";

export const shellEn = {
  "welcome.title": "Good to see you, {name}",
  "welcome.lead": "Choose a room to enter, or make a new one.",
  "welcome.first": "Nobody has made a room yet. Make the first one!",

  "app.tagline": "The open floor between your rooms",
  "name.title": "What should people call you?",
  "name.lead": "This is how you appear in every room. You can change it later.",
  "name.rename.title": "Change your name",
  "name.rename.lead": "People see the new name from your next message on.",
  "name.label": "Your name",
  "name.placeholder": "For example Ada",
  "name.submit": "Come in",
  "name.rename.submit": "Save name",
  "name.waiting": "Connecting…",
  "name.unreachable":
    "The server can't be reached right now. You will come in as soon as it is back.",
  "name.empty": "Please enter a name with at least one visible character.",
  "name.too_long": "Please use at most 40 characters.",
  "name.forbidden": "This name contains characters that can't be shown. Please remove them.",
  "connection.none": "There is no connection to the server right now.",
  "connection.connecting": "Connecting…",
  "connection.waiting": {
    one: "Connection lost. Next try in {count} second.",
    other: "Connection lost. Next try in {count} seconds.",
  },
  "connection.offline": "You are offline. Messages will be sent when you are back.",
  "connection.retry": "Reconnect now",
  "connection.stopped": "Disconnected: {reason}",
  "connection.stopped.unsupported_version":
    "This page and the server don't speak the same version. Reload the page.",
  "connection.stopped.too_many_errors":
    "The server ended the connection because of too many errors. Reload the page.",
  "connection.stopped.address": "The server's address can't be used: {reason}",
  "connection.reload": "Reload page",
} as const satisfies Record<string, Text>;

export type ShellKey = keyof typeof shellEn;

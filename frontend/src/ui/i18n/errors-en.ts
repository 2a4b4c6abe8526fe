import type { Text } from "./en";

export const errorEn = {
  "error.not_json": "The server could not read what this page sent. Reload the page.",
  "error.unknown_type": "The server doesn't know this action. Reload the page.",
  "error.malformed": "The server could not read what this page sent. Reload the page.",
  "error.binary_frame": "The server could not read what this page sent. Reload the page.",
  "error.unsupported_version":
    "This page and the server don't speak the same version. Reload the page.",
  "error.hello_required": "The connection was not ready. Please try again.",
  "error.already_greeted": "The connection was not ready. Please try again.",
  "error.invalid_token": "The server doesn't know you any more. Please enter your name again.",
  "error.invalid_name": "The server doesn't accept this name. Please choose another one.",
  "error.name_taken": "Somebody has a name that looks like this one. Please choose another one.",
  "error.invalid_room": "A room can't have this name. Use letters, digits, spaces, - and _ only.",
  "error.room_not_found": "This room doesn't exist.",
  "error.room_exists": "A room with this name exists already.",
  "error.not_joined": "You are not in this room. Enter it first.",
  "error.too_many_rooms": "You are in as many rooms as possible. Leave one first.",
  "error.invalid_body": "The server doesn't accept this text.",
  "error.invalid_id": "This message could not be stored under its number. Please try again.",
  "error.message_not_found": "This message isn't there any more.",
  "error.not_yours": "Only who wrote a message can change it.",
  "error.too_many_reactions": "This message has as many different reactions as it can have.",
  "error.too_many_pins": "This room has as many pinned messages as it can have. Unpin one first.",
  "error.invalid_emoji": "This can't be used as a reaction.",
  "error.invalid_topic": "The topic or the description is too long.",
  "error.invalid_query": "This can't be searched for.",
  "error.user_not_found": "Somebody you mention was never in this room.",
  "error.file_not_found": "A file isn't there any more. Please attach it again.",
  "error.files_lost":
    "Its files were still being uploaded when the page was closed. Attach them again.",
  "error.rate_limited": "That was a bit fast. Please wait a moment.",
  "error.overloaded": "The server is busy. Please try again in a moment.",
  "error.unavailable": "The server can't store messages at the moment. Please try again soon.",
  "error.shutting_down": "The server is restarting. It will be back soon.",
  "error.internal": "Something went wrong on the server. Please try again.",
  "error.timeout": "The server didn't answer. Please try again.",
  "error.disconnected": "There is no connection to the server right now.",
} as const satisfies Record<string, Text>;

export type ErrorKey = keyof typeof errorEn;

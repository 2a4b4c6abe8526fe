import type { Strings } from "../../i18n/i18n";

export const en = {
  "file.attach": "Attach files",

  "file.broken": "This picture can't be loaded. Try again",

  "file.unsolved": "A file could not be uploaded.",
  "file.without": "Send without it",
  "tray.label": "Attached files",
  "tray.waiting": "Waiting…",
  "tray.sending": "{percent} of {size}",
  "tray.finishing": "Finishing…",
  "tray.progress": "{name} is being uploaded",
  "tray.remove": "Remove {name}",
  "tray.cancel": "Cancel the upload of {name}",
  "tray.retry": "Try {name} again",
  "tray.failed": "Not uploaded: {why}",
  "tray.status.ready": { one: "{count} file attached", other: "{count} files attached" },
  "tray.status.sending": {
    one: "{count} file is being uploaded",
    other: "{count} files are being uploaded",
  },
  "tray.status.failed": {
    one: "{count} file could not be uploaded",
    other: "{count} files could not be uploaded",
  },
  "tray.lost": {
    one: "{count} file was not uploaded yet when the page was closed: {names}. Attach it again.",
    other:
      "{count} files were not uploaded yet when the page was closed: {names}. Attach them again.",
  },
  "tray.lost.close": "Got it",
  "drop.here": "Drop files to attach them",
  "drop.room": "They go with your next message to {room}.",

  "refused.too_large": {
    one: "{count} file is larger than {size}, the most this server takes: {name}",
    other: "{count} files are larger than {size}, the most this server takes: {name}",
  },
  "refused.empty": {
    one: "{count} file is empty: {name}",
    other: "{count} files are empty: {name}",
  },
  "refused.too_many": "A message can carry {most} files. The rest was left out.",
  "refused.folder": "Folders can't be attached. Pack them into an archive first.",
  "refused.disabled": "This server takes no files.",

  "why.disconnected": "the server can't be reached.",
  "why.rate_limited": "that were many files at once. Please wait a little.",
  "why.overloaded": "the server is busy.",
  "why.unavailable": "the server can't store files at the moment.",
  "why.shutting_down": "the server is restarting.",
  "why.file_too_large": "it is larger than this server allows.",
  "why.empty_file": "it is empty.",
  "why.type_refused": "this server doesn't take files of this type.",
  "why.files_disabled": "this server takes no files.",
  "why.storage_full": "the server has no space left.",
  "why.too_slow": "the connection was too slow.",
  "why.broken_off": "the connection broke off.",
  "why.invalid_token": "the server doesn't know you any more.",
  "why.room_not_found": "the room doesn't exist any more.",
  "why.room_renamed": "the room has another name now: try again.",
  "why.forbidden": "you can't write in this room.",
  "why.other": "the server refused it ({message}).",

  "view.title": "Picture {at} of {count}",
  "view.next": "Next picture",
  "view.previous": "Previous picture",
  "view.open": "Open the original",
  "view.download": "Download",
  "view.close": "Close",
  "view.broken": "This picture can't be loaded.",
} as const satisfies Strings;

import type { Strings } from "../../i18n/i18n";

export const en = {
  "settings.title": "Settings",
  "settings.close": "Close",
  "settings.rename": "Change name",
  "settings.language": "Language",
  "settings.theme": "Appearance",
  "settings.theme.system": "System",
  "settings.theme.light": "Light",
  "settings.theme.dark": "Dark",
  "settings.density": "Density",
  "settings.density.comfortable": "Comfortable",
  "settings.density.compact": "Compact",
  "settings.notifications": "Notifications",
  "settings.notifications.all": "All messages",
  "settings.notifications.mentions": "Mentions",
  "settings.notifications.none": "Nothing",
  "settings.notifications.lead":
    "They come while you don't look at the room, once for all your tabs.",
  "settings.notifications.default": "Your browser has yet to allow them.",
  "settings.notifications.allow": "Allow notifications",
  "settings.notifications.denied":
    "Your browser blocks notifications from this page. Allow them in its settings for this site.",
  "settings.notifications.unsupported":
    "Notifications need a page that was loaded over https, in a browser that has them.",
  "settings.shortcuts": "Keyboard shortcuts",
  "settings.server": "Server",
} as const satisfies Strings;

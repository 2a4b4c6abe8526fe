import type { Strings } from "../../i18n/i18n";

export const en = {
  "create.title": "Make a new room",
  "create.lead": "Everyone here can find it and come in.",
  "create.label": "Name of the room",
  "create.placeholder": "For example design",
  "create.cancel": "Cancel",
  "create.submit": "Make room",
  "create.empty": "Please enter a name with at least one letter or digit.",
  "create.too_long": "Please use at most 64 characters.",
  "create.forbidden": "Use letters, digits, spaces, - and _ only.",
} as const satisfies Strings;

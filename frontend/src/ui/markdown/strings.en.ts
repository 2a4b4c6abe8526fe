import type { Strings } from "../i18n/i18n";

export const en = {
  "code.label": "Code",
  "code.copy": "Copy code",
  "code.copied": "Code copied.",
  "code.not_copied": "The browser doesn't let this page copy. Select the code instead.",
} as const satisfies Strings;

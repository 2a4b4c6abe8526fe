import type { Text } from "../../i18n/en";

export const codeEn = {
  "code.label": "Code",
  "code.copy": "Copy code",
  "code.copied": "Code copied.",
  "code.not_copied": "The browser doesn't let this page copy. Select the code instead.",
} as const satisfies Record<string, Text>;

export type CodeKey = keyof typeof codeEn;

// The texts of what is loaded later (`ui/parts.ts`); they come with the first part that needs them.

import type { I18n, Params } from "./i18n";
import { format } from "./i18n";
import type { Text } from "./en";
import { moreEn } from "./more-en";
import type { MoreKey } from "./more-en";
import { moreKo } from "./more-ko";

export const moreDictionaries: Readonly<Record<"ko" | "en", Readonly<Record<MoreKey, Text>>>> = {
  ko: moreKo,
  en: moreEn,
};

export function moreText(i18n: I18n): (key: MoreKey, params?: Params) => string {
  const language = i18n.language.value;
  return (key, params = {}) => format(moreDictionaries[language][key], language, params);
}

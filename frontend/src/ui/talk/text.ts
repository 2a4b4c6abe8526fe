// The texts of what is loaded later (`part.ts`).

import { format } from "../i18n/i18n";
import type { I18n, Language, Params } from "../i18n/i18n";
import type { Text } from "../i18n/en";
import { talkEn } from "./text-en";
import type { TalkKey } from "./text-en";
import { talkKo } from "./text-ko";

export const talkTexts: Readonly<Record<Language, Readonly<Record<TalkKey, Text>>>> = {
  ko: talkKo,
  en: talkEn,
};

export function talkText(i18n: I18n): (key: TalkKey, params?: Params) => string {
  const language = i18n.language.value;
  return (key, params = {}) => format(talkTexts[language][key], language, params);
}

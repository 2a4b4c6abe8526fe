// The texts of the search; they come with it.

import { format } from "../i18n/i18n";
import type { I18n, Language, Params } from "../i18n/i18n";
import type { Text } from "../i18n/en";
import { searchEn } from "./text-en";
import type { SearchKey } from "./text-en";
import { searchKo } from "./text-ko";

export const searchTexts: Readonly<Record<Language, Readonly<Record<SearchKey, Text>>>> = {
  ko: searchKo,
  en: searchEn,
};

export type SearchText = (key: SearchKey, params?: Params) => string;

export function searchText(i18n: I18n): SearchText {
  const language = i18n.language.value;
  return (key, params = {}) => format(searchTexts[language][key], language, params);
}

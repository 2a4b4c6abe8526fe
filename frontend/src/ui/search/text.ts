// The texts of the search; they come with it.

import { say } from "../i18n/i18n";
import type { I18n, Say, Texts } from "../i18n/i18n";
import { searchEn } from "./text-en";
import type { SearchKey } from "./text-en";
import { searchKo } from "./text-ko";

export const searchTexts: Texts<SearchKey> = { ko: searchKo, en: searchEn };

export const searchText = (i18n: I18n): Say<SearchKey> => say(searchTexts, i18n);

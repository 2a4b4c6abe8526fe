// The texts of what is loaded later (`ui/parts.ts`); they come with the first part that needs them.

import { say } from "./i18n";
import type { I18n, Say, Texts } from "./i18n";
import { moreEn } from "./more-en";
import type { MoreKey } from "./more-en";
import { moreKo } from "./more-ko";

export const moreDictionaries: Texts<MoreKey> = { ko: moreKo, en: moreEn };

export const moreText = (i18n: I18n): Say<MoreKey> => say(moreDictionaries, i18n);

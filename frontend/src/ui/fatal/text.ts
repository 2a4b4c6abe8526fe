// What is said when the page can't even start.

import { say } from "../i18n/i18n";
import type { I18n, Say, Texts } from "../i18n/i18n";
import { fatalEn } from "./text-en";
import type { FatalKey } from "./text-en";
import { fatalKo } from "./text-ko";

export const fatalTexts: Texts<FatalKey> = { ko: fatalKo, en: fatalEn };

export const fatalText = (i18n: I18n): Say<FatalKey> => say(fatalTexts, i18n);

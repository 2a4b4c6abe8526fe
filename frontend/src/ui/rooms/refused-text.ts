// What is said of a room that can't be entered.

import { say } from "../i18n/i18n";
import type { I18n, Say, Texts } from "../i18n/i18n";
import { refusedEn } from "./refused-text-en";
import type { RefusedKey } from "./refused-text-en";
import { refusedKo } from "./refused-text-ko";

export const refusedTexts: Texts<RefusedKey> = { ko: refusedKo, en: refusedEn };

export const refusedText = (i18n: I18n): Say<RefusedKey> => say(refusedTexts, i18n);

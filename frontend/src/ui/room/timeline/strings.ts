// What rows say that most rooms show none of when they are opened.

import { say } from "../../i18n/i18n";
import type { I18n, Say, Texts } from "../../i18n/i18n";
import { laterEn } from "./strings.en";
import type { LaterKey } from "./strings.en";
import { laterKo } from "./strings.ko";

export const laterTexts: Texts<LaterKey> = { ko: laterKo, en: laterEn };

export const laterText = (i18n: I18n): Say<LaterKey> => say(laterTexts, i18n);

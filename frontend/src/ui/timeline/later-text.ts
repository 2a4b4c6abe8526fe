// What rows say that most rooms show none of when they are opened.

import { say } from "../i18n/i18n";
import type { I18n, Say, Texts } from "../i18n/i18n";
import { laterEn } from "./later-text-en";
import type { LaterKey } from "./later-text-en";
import { laterKo } from "./later-text-ko";

export const laterTexts: Texts<LaterKey> = { ko: laterKo, en: laterEn };

export const laterText = (i18n: I18n): Say<LaterKey> => say(laterTexts, i18n);

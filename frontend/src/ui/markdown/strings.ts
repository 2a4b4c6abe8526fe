// What a block of code says; it comes with the first one.

import { say } from "../i18n/i18n";
import type { I18n, Say, Texts } from "../i18n/i18n";
import { codeEn } from "./strings.en";
import type { CodeKey } from "./strings.en";
import { codeKo } from "./strings.ko";

export const codeTexts: Texts<CodeKey> = { ko: codeKo, en: codeEn };

export const codeText = (i18n: I18n): Say<CodeKey> => say(codeTexts, i18n);

// What a block of code says; it comes with the first one.

import { say } from "../../i18n/i18n";
import type { I18n, Say, Texts } from "../../i18n/i18n";
import { codeEn } from "./text-en";
import type { CodeKey } from "./text-en";
import { codeKo } from "./text-ko";

export const codeTexts: Texts<CodeKey> = { ko: codeKo, en: codeEn };

export const codeText = (i18n: I18n): Say<CodeKey> => say(codeTexts, i18n);

// What the name dialog and the banner say; it comes with the first of them.

import { say } from "../i18n/i18n";
import type { I18n, Say, Texts } from "../i18n/i18n";
import { shellEn } from "./text-en";
import type { ShellKey } from "./text-en";
import { shellKo } from "./text-ko";

export const shellTexts: Texts<ShellKey> = { ko: shellKo, en: shellEn };

export const shellText = (i18n: I18n): Say<ShellKey> => say(shellTexts, i18n);

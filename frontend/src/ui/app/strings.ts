// What the name dialog and the banner say; it comes with the first of them.

import { say } from "../i18n/i18n";
import type { I18n, Say, Texts } from "../i18n/i18n";
import { shellEn } from "./strings.en";
import type { ShellKey } from "./strings.en";
import { shellKo } from "./strings.ko";

export const shellTexts: Texts<ShellKey> = { ko: shellKo, en: shellEn };

export const shellText = (i18n: I18n): Say<ShellKey> => say(shellTexts, i18n);

// The texts of what is loaded later (`part.ts`).

import { say } from "../i18n/i18n";
import type { I18n, Say, Texts } from "../i18n/i18n";
import { talkEn } from "./text-en";
import type { TalkKey } from "./text-en";
import { talkKo } from "./text-ko";

export const talkTexts: Texts<TalkKey> = { ko: talkKo, en: talkEn };

export const talkText = (i18n: I18n): Say<TalkKey> => say(talkTexts, i18n);

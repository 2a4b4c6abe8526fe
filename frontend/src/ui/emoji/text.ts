// What the picker says; it comes with it.

import { say } from "../i18n/i18n";
import type { I18n, Say, Texts } from "../i18n/i18n";
import { emojiEn } from "./text-en";
import type { EmojiKey } from "./text-en";
import { emojiKo } from "./text-ko";

export const emojiTexts: Texts<EmojiKey> = { ko: emojiKo, en: emojiEn };

export const emojiText = (i18n: I18n): Say<EmojiKey> => say(emojiTexts, i18n);

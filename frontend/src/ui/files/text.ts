// The texts of what is loaded later (`parts.ts`).

import { say } from "../i18n/i18n";
import type { I18n, Say, Texts } from "../i18n/i18n";
import { filesEn } from "./text-en";
import type { FilesKey } from "./text-en";
import { filesKo } from "./text-ko";

export const filesTexts: Texts<FilesKey> = { ko: filesKo, en: filesEn };

export const filesText = (i18n: I18n): Say<FilesKey> => say(filesTexts, i18n);

/** Why a file was not taken, in the language of the person. */
export function reason(t: Say<FilesKey>, code: string, message: string): string {
  const key = `why.${code}`;
  if (code !== "other" && Object.hasOwn(filesEn, key)) return t(key as FilesKey);
  return t("why.other", { message: message === "" ? code : message });
}

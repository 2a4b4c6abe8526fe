// The texts of what is loaded later (`parts.ts`).

import { format } from "../i18n/i18n";
import type { I18n, Language, Params } from "../i18n/i18n";
import type { Text } from "../i18n/en";
import { filesEn } from "./text-en";
import type { FilesKey } from "./text-en";
import { filesKo } from "./text-ko";

export const filesTexts: Readonly<Record<Language, Readonly<Record<FilesKey, Text>>>> = {
  ko: filesKo,
  en: filesEn,
};

export type FilesText = (key: FilesKey, params?: Params) => string;

export function filesText(i18n: I18n): FilesText {
  const language = i18n.language.value;
  return (key, params = {}) => format(filesTexts[language][key], language, params);
}

/** Why a file was not taken, in the language of the person. */
export function reason(t: FilesText, code: string, message: string): string {
  const key = `why.${code}`;
  if (code !== "other" && Object.hasOwn(filesEn, key)) return t(key as FilesKey);
  return t("why.other", { message: message === "" ? code : message });
}

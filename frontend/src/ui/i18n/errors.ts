// What the server's refusals mean to a person (`sentence.ts`).

import { say } from "./i18n";
import type { I18n, Texts } from "./i18n";
import { errorEn } from "./errors-en";
import type { ErrorKey } from "./errors-en";
import { errorKo } from "./errors-ko";

export const errorTexts: Texts<ErrorKey> = { ko: errorKo, en: errorEn };

/** What a code means; undefined for one that a newer server has. */
export function known(i18n: I18n, code: string): string | undefined {
  const key = `error.${code}`;
  return Object.hasOwn(errorEn, key) ? say(errorTexts, i18n)(key as ErrorKey) : undefined;
}

// What the server's refusals mean to a person (`sentence.ts`).

import { translated } from "../i18n";
import type { I18n } from "../i18n";
import { en } from "./strings.en";
import { ko } from "./strings.ko";

const errorText = translated({ ko, en });

/** What a code means; undefined for one that a newer server has. */
export function known(i18n: I18n, code: string): string | undefined {
  const key = `error.${code}`;
  return Object.hasOwn(en, key) ? errorText(i18n)(key as keyof typeof en) : undefined;
}

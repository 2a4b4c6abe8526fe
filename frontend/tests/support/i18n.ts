import type { Storage } from "../../src/store/storage";
import { memoryStorage } from "../../src/store/storage";
import { en } from "../../src/ui/i18n/strings.en";
import { fetchDictionary, I18n } from "../../src/ui/i18n/i18n";
import { ko } from "../../src/ui/i18n/strings.ko";

export const dictionaries = { en, ko };

/** Texts that need no fetching. */
export function i18nIn(language: string, storage: Storage = memoryStorage()): I18n {
  return new I18n(storage, [language], fetchDictionary, { ...dictionaries });
}

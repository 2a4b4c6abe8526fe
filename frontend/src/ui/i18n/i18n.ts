import { computed, signal } from "@preact/signals";
import type { Storage } from "../../store/storage";
import { en } from "./en";
import type { Key, Text } from "./en";
import { ko } from "./ko";

export type { Key } from "./en";
export type Params = Readonly<Record<string, string | number>>;

export const LANGUAGES = ["ko", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Every language names itself in itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { ko: "한국어", en: "English" };

export const dictionaries: Readonly<Record<Language, Readonly<Record<Key, Text>>>> = { ko, en };

const STORED = "language";

/** The first language of the browser that we speak; English otherwise. */
export function preferred(languages: readonly string[]): Language {
  for (const tag of languages) {
    const base = tag.toLowerCase().split("-")[0];
    const known = LANGUAGES.find((language) => language === base);
    if (known !== undefined) return known;
  }
  return "en";
}

export function format(text: Text, language: Language, params: Params): string {
  const count = params["count"];
  const numbers = new Intl.NumberFormat(language);
  let chosen: string;
  if (typeof text === "string") chosen = text;
  else if (typeof count !== "number") chosen = text.other;
  else {
    const form = new Intl.PluralRules(language).select(count);
    chosen = (form === "one" ? text.one : undefined) ?? text.other;
  }
  return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? numbers.format(value) : value;
  });
}

export class I18n {
  readonly language = signal<Language>("en");
  private readonly clock = computed(
    () => new Intl.DateTimeFormat(this.language.value, { hour: "numeric", minute: "2-digit" }),
  );
  private readonly full = computed(
    () => new Intl.DateTimeFormat(this.language.value, { dateStyle: "full", timeStyle: "short" }),
  );
  private readonly date = computed(
    () =>
      new Intl.DateTimeFormat(this.language.value, {
        weekday: "long",
        year: "numeric",
        month: "long",
        day: "numeric",
      }),
  );

  constructor(
    private readonly storage: Storage,
    private readonly languages: readonly string[],
  ) {
    this.load();
  }

  otherTabWrote(key: string): void {
    if (key === STORED) this.load();
  }

  choose(language: Language): void {
    this.language.value = language;
    this.storage.set(STORED, language);
  }

  private load(): void {
    const stored = LANGUAGES.find((language) => language === this.storage.get(STORED));
    this.language.value = stored ?? preferred(this.languages);
  }

  readonly t = (key: Key, params: Params = {}): string => {
    const language = this.language.value;
    return format(dictionaries[language][key], language, params);
  };

  number(value: number): string {
    return new Intl.NumberFormat(this.language.value).format(value);
  }

  /** "오후 3:04" */
  time(at: number): string {
    return this.clock.value.format(at);
  }

  dateTime(at: number): string {
    return this.full.value.format(at);
  }

  /** "Today", "Yesterday", or the date. */
  day(at: number, now: number): string {
    const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);
    const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
    if (days === 0) return this.t("log.today");
    if (days === 1) return this.t("log.yesterday");
    return this.date.value.format(at);
  }
}

export function isKey(key: string): key is Key {
  return Object.hasOwn(en, key);
}

import { batch, computed, signal } from "@preact/signals";
import type { Storage } from "../../store/storage";
import type { en } from "./strings.en";

/** A text, or one per plural form of `{count}`. `{name}` stands for a parameter. */
export type Text = string | { one?: string; other: string };
/** What a part of the page says in one language: `strings.en.ts` and `strings.ko.ts` beside it. */
export type Strings<K extends string = string> = Readonly<Record<K, Text>>;
/** What the page says before any later part of it is there. */
export type Key = keyof typeof en;
export type Params = Readonly<Record<string, string | number>>;

export const LANGUAGES = ["ko", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Every language names itself in itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { ko: "한국어", en: "English" };

export type Dictionary = Strings<Key>;
/** Fetches what a language says. */
export type Fetch = (language: Language) => Promise<Dictionary>;

/** Nobody loads a language that they don't read. */
export const fetchDictionary: Fetch = (language) =>
  language === "ko"
    ? import("./strings.ko").then((m) => m.ko)
    : import("./strings.en").then((m) => m.en);

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

export type Translate<K extends string> = (key: K, params?: Params) => string;

/**
 * For a part that is loaded later and brings its strings along: what it says, in the language of now.
 * Who reads it while drawing is drawn again in another language.
 */
export function translated<K extends string>(strings: Readonly<Record<Language, Strings<K>>>) {
  return (i18n: I18n): Translate<K> => {
    const language = i18n.language.value;
    return (key, params = {}) => format(strings[language][key], language, params);
  };
}

export class I18n {
  readonly language = signal<Language>("en");
  /** Some time of this day; another one when a day begins, or the clock is in another time zone. */
  readonly today = signal(Date.now());
  /** Changes with whatever changes how times are written. */
  readonly times = computed(() => `${this.language.value} ${this.today.value}`);
  private readonly clock = this.formatter({ hour: "numeric", minute: "2-digit" });
  private readonly full = this.formatter({ dateStyle: "full", timeStyle: "short" });
  private readonly date = this.formatter({
    weekday: "long",
    year: "numeric",
    month: "long",
    day: "numeric",
  });

  private readonly texts = signal<Dictionary | null>(null);

  /** `known` is what need not be fetched. */
  constructor(
    private readonly storage: Storage,
    private readonly languages: readonly string[],
    private readonly fetch: Fetch = fetchDictionary,
    private readonly known: Partial<Record<Language, Dictionary>> = {},
  ) {
    const texts = known[this.wanted()];
    if (texts !== undefined) this.speak(this.wanted(), texts);
  }

  private formatter(options: Intl.DateTimeFormatOptions) {
    // `times` begins with the language.
    return computed(() => new Intl.DateTimeFormat(this.times.value.slice(0, 2), options));
  }

  /** There is something to say: the language that is wanted, or any that can be had. */
  async ready(): Promise<void> {
    for (const language of [this.wanted(), ...LANGUAGES]) {
      await this.use(language).catch(() => undefined);
      if (this.texts.value !== null) return;
    }
    throw new Error("no language can be loaded");
  }

  otherTabWrote(key: string): void {
    if (key === STORED) this.change(this.wanted());
  }

  /** The page goes on in the old one until the new one is here. */
  choose(language: Language): void {
    this.storage.set(STORED, language);
    this.change(language);
  }

  private change(language: Language): void {
    const texts = this.known[language];
    if (texts !== undefined) this.speak(language, texts);
    // Without a network the old one stays.
    else this.use(language).catch(() => undefined);
  }

  private async use(language: Language): Promise<void> {
    const texts = (this.known[language] ??= await this.fetch(language));
    // Another one may have been chosen meanwhile.
    if (this.texts.value === null || language === this.wanted()) this.speak(language, texts);
  }

  private speak(language: Language, texts: Dictionary): void {
    batch(() => {
      this.language.value = language;
      this.texts.value = texts;
    });
  }

  private wanted(): Language {
    const stored = LANGUAGES.find((language) => language === this.storage.get(STORED));
    return stored ?? preferred(this.languages);
  }

  readonly t = (key: Key, params: Params = {}): string => {
    const text = this.texts.value?.[key] ?? key;
    return format(text, this.language.value, params);
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

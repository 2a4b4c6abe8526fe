import { afterEach, describe, expect, it } from "vitest";
import { ERROR_RETRYABLE } from "../src/protocol/generated";
import { memoryStorage } from "../src/store/storage";
import { format, I18n, LANGUAGES, preferred } from "../src/ui/i18n/i18n";
import type { Dictionary, Language, Strings, Text } from "../src/ui/i18n/i18n";
import { Errors, sentence } from "../src/ui/i18n/errors/sentence";
import { en } from "../src/ui/i18n/strings.en";
import { ko } from "../src/ui/i18n/strings.ko";
import { switcherText } from "../src/ui/features/switcher/strings";
import { i18nIn } from "./support/i18n";

type Part = Readonly<Record<string, Strings>>;
/** What comes with the page, and what comes with its later parts, by folder. */
const partsIn = (files: Readonly<Record<string, Part>>, language: Language): Map<string, Strings> =>
  new Map(
    Object.entries(files).map(([path, file]) => [
      path.replace(/\/strings\.\w+\.ts$/, ""),
      file[language] ?? {},
    ]),
  );
const parts = {
  en: partsIn(import.meta.glob<Part>("../src/ui/**/strings.en.ts", { eager: true }), "en"),
  ko: partsIn(import.meta.glob<Part>("../src/ui/**/strings.ko.ts", { eager: true }), "ko"),
};
const everything = (language: Language): Strings =>
  Object.fromEntries([...parts[language].values()].flatMap((part) => Object.entries(part)));
const all = { en: everything("en"), ko: everything("ko") };
const keys = Object.keys(all.en);
const textOf = (language: "en" | "ko", key: string): Text => all[language][key] ?? "";
const forms = (text: Text): string[] => (typeof text === "string" ? [text] : Object.values(text));
const placeholders = (text: string) =>
  [...new Set(Array.from(text.matchAll(/\{(\w+)\}/g), (match) => match[1]))].sort();

describe("the languages", () => {
  it("say the same things, each part of the page by itself", () => {
    expect(parts.en.size).toBeGreaterThan(10);
    expect([...parts.ko.keys()].sort()).toEqual([...parts.en.keys()].sort());
    for (const [part, english] of parts.en) {
      expect([part, Object.keys(parts.ko.get(part) ?? {}).sort()]).toEqual([
        part,
        Object.keys(english).sort(),
      ]);
    }
    for (const language of LANGUAGES) {
      expect(Object.keys(all[language]).sort()).toEqual([...keys].sort());
    }
  });

  it("are told apart by their keys, whenever they come", () => {
    const named = [...parts.en.values()].flatMap((part) => Object.keys(part));
    const twice = named.filter((key, at) => named.indexOf(key) !== at);
    expect(twice).toEqual([]);
    const i18n = i18nIn("ko");
    expect(switcherText(i18n)("switcher.count", { count: 2 })).toBe("방 2개");
    i18n.choose("en");
    expect(switcherText(i18n)("switcher.count", { count: 1 })).toBe("1 room");
  });

  it("use the same parameters, in every form", () => {
    const different: string[] = [];
    for (const key of keys) {
      const expected = placeholders(forms(textOf("en", key)).at(-1) ?? "");
      for (const language of LANGUAGES) {
        for (const form of forms(textOf(language, key))) {
          if (placeholders(form).join() !== expected.join()) different.push(`${language} ${key}`);
        }
      }
    }
    expect(different).toEqual([]);
  });

  it("have plurals for the same texts, and English a singular for each", () => {
    for (const key of keys) {
      const plural = typeof textOf("en", key) !== "string";
      expect([key, typeof textOf("ko", key) !== "string"]).toEqual([key, plural]);
      if (plural)
        expect([key, Object.keys(textOf("en", key)).sort()]).toEqual([key, ["one", "other"]]);
    }
  });

  it("leave nothing empty, nothing untrimmed, no straight quotes or three dots", () => {
    for (const language of LANGUAGES) {
      for (const key of keys) {
        for (const form of forms(textOf(language, key))) {
          expect([key, form.trim()]).toEqual([key, form]);
          expect(form, key).not.toBe("");
          expect(form, key).not.toContain("...");
          expect(form, key).not.toContain('"');
        }
      }
    }
  });

  it("Korean is Korean, and English has no Hangul", () => {
    for (const key of keys) {
      expect(forms(textOf("en", key)).join(), key).not.toMatch(/\p{Script=Hangul}/u);
      if (key === "announce.message") continue;
      expect(forms(textOf("ko", key)).join(), key).toMatch(/\p{Script=Hangul}/u);
    }
  });

  it("no Korean particle depends on what a person typed", () => {
    // A parameter is followed by a fixed noun (님, 방, 명, 개, 자, 초, 반응), or by no letter at all.
    for (const key of keys) {
      for (const form of forms(textOf("ko", key))) {
        for (const match of form.matchAll(/\{\w+\}([”’)]?\s?)(\p{L}+)/gu)) {
          expect(match[2], `${key}: ${match[0]}`).toMatch(/^(?:님|방|명|개|자|초|반응)/u);
        }
      }
    }
  });

  it("know a sentence for every error", async () => {
    const i18n = i18nIn("ko");
    await Errors.fetch();
    for (const code of [...Object.keys(ERROR_RETRYABLE), "timeout", "disconnected"]) {
      expect(sentence(i18n, { code: code as "timeout", message: "english" })).not.toContain(
        "english",
      );
    }
    expect(sentence(i18n, { code: "other", message: "banned" })).toContain("banned");
  });
});

describe("format", () => {
  it("puts in parameters, numbers in the language's way", () => {
    expect(format("{a} and {b}", "en", { a: "x", b: 12_345 })).toBe("x and 12,345");
  });

  it("takes what a person typed as it is", () => {
    expect(format("{a}", "en", { a: "{b} $& $1", b: "no" })).toBe("{b} $& $1");
  });

  it("leaves what nobody gave", () => expect(format("{a}", "en", {})).toBe("{a}"));

  it("chooses the form by count", () => {
    const text = { one: "{count} person", other: "{count} people" };
    expect([0, 1, 2].map((count) => format(text, "en", { count }))).toEqual([
      "0 people",
      "1 person",
      "2 people",
    ]);
    expect(format({ other: "{count}명" }, "ko", { count: 1 })).toBe("1명");
  });
});

describe("the choice of a language", () => {
  it.each([
    [["ko-KR", "en"], "ko"],
    [["fr", "ko"], "ko"],
    [["en-GB"], "en"],
    [["fr"], "en"],
    [[], "en"],
    [["KO"], "ko"],
  ])("%j: %s", (languages, expected) => expect(preferred(languages)).toBe(expected));

  it("is kept, and a damaged one is passed over", () => {
    const storage = memoryStorage();
    i18nIn("en", storage).choose("ko");
    expect(i18nIn("en", storage).language.value).toBe("ko");
    storage.set("language", "tlh");
    expect(i18nIn("en", storage).language.value).toBe("en");
  });
});

describe("a language that has to be fetched", () => {
  /** Fetches that end when the test says so. */
  function slow(storage = memoryStorage()) {
    const waiting = new Map<Language, (texts: Dictionary | Error) => void>();
    const fetch = (language: Language) =>
      new Promise<Dictionary>((come, fail) => {
        waiting.set(language, (texts) => (texts instanceof Error ? fail(texts) : come(texts)));
      });
    const settle = async () => {
      for (let i = 0; i < 5; i++) await Promise.resolve();
    };
    return { i18n: new I18n(storage, ["ko"], fetch), waiting, settle };
  }

  it("is there when the page is ready", async () => {
    const { i18n, waiting } = slow();
    const ready = i18n.ready();
    waiting.get("ko")?.(ko);
    await ready;
    expect([i18n.language.value, i18n.t("log.today")]).toEqual(["ko", ko["log.today"]]);
  });

  it("leaves the page in the old one until it is here", async () => {
    const { i18n, waiting, settle } = slow();
    const ready = i18n.ready();
    waiting.get("ko")?.(ko);
    await ready;
    i18n.choose("en");
    expect(i18n.language.value).toBe("ko");
    i18n.choose("ko");
    waiting.get("en")?.(en);
    await settle();
    expect(i18n.language.value).toBe("ko");
    i18n.choose("en");
    expect([i18n.language.value, i18n.t("log.today")]).toEqual(["en", en["log.today"]]);
  });

  it("is replaced by another one when it can't be had", async () => {
    const { i18n, waiting, settle } = slow();
    const ready = i18n.ready();
    waiting.get("ko")?.(new Error("gone"));
    await settle();
    waiting.get("ko")?.(new Error("gone"));
    await settle();
    waiting.get("en")?.(en);
    await ready;
    expect(i18n.t("log.today")).toBe(en["log.today"]);
  });

  it("is an error when there is none at all", async () => {
    const i18n = new I18n(memoryStorage(), ["ko"], () => Promise.reject(new Error("gone")));
    await expect(i18n.ready()).rejects.toThrow("no language");
  });
});

describe("days", () => {
  const zone = process.env["TZ"];
  afterEach(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });

  it.each(["Asia/Seoul", "America/New_York", "Pacific/Kiritimati", "UTC"])(
    "are today and yesterday by the calendar, in %s",
    (tz) => {
      process.env["TZ"] = tz;
      const i18n = i18nIn("en");
      const now = new Date(2025, 10, 23, 0, 5).getTime();
      expect(i18n.day(now, now)).toBe("Today");
      expect(i18n.day(new Date(2025, 10, 22, 23, 59).getTime(), now)).toBe("Yesterday");
      expect(i18n.day(new Date(2025, 10, 22, 0, 0).getTime(), now)).toBe("Yesterday");
      expect(i18n.day(new Date(2025, 10, 21, 23, 59).getTime(), now)).toBe(
        "Friday, November 21, 2025",
      );
    },
  );

  it("are days also when the clocks change", () => {
    process.env["TZ"] = "America/New_York";
    const i18n = i18nIn("ko");
    const monday = new Date(2025, 10, 3, 9, 0).getTime();
    expect(i18n.day(new Date(2025, 10, 2, 0, 30).getTime(), monday)).toBe("어제");
    const spring = new Date(2025, 2, 10, 0, 10).getTime();
    expect(i18n.day(new Date(2025, 2, 9, 0, 10).getTime(), spring)).toBe("어제");
    expect(i18n.time(new Date(2025, 2, 9, 15, 4).getTime())).toMatch(/ 3:04$/);
  });
});

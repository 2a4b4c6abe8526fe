import { describe, expect, it } from "vitest";
import en from "emojibase-data/en/data.json?words";
import ko from "emojibase-data/ko/data.json?words";
import { memoryStorage } from "../src/store/storage";
import { RecentEmoji } from "../src/store/recent-emoji";
import {
  CATEGORIES,
  emojiOf,
  labelOf,
  readWords,
  search,
} from "../src/ui/features/emoji/emoji-data";
import { step } from "../src/ui/features/emoji/grid";

const words = [readWords(ko), readWords(en)] as const;

describe("the emoji", () => {
  it("are all there, each once, named in both languages", () => {
    const all = CATEGORIES.flatMap((category) => emojiOf(category));
    expect(all.length).toBeGreaterThan(1_500);
    expect(new Set(all).size).toBe(all.length);
    for (const one of words) expect(one.labels).toHaveLength(all.length);
    expect(labelOf("👍", words[1])).toBe("thumbs up");
    expect(labelOf("🐱", words[0])).toBe("고양이 얼굴");
    expect(labelOf("not one", words[0])).toBe("not one");
    // As keyboards write them: who reacts with a thumb reacts with the same thumb.
    expect(all).toContain("👍");
    expect(all).toContain("❤️");
  });

  it.each([
    ["thumbs up", "👍"],
    ["고양이", "🐱"],
    ["축하", "🎉"],
    ["TADA", "🎉"],
    ["대한민국", "🇰🇷"],
  ])("are found in both languages: %s", (query, emoji) =>
    expect(search(query, words)).toContain(emoji),
  );

  it("are not found by nothing or nonsense", () => {
    expect(search("  ", words)).toEqual([]);
    expect(search("qqqqq", words)).toEqual([]);
  });

  it("used last come first, each once, and so many", () => {
    const storage = memoryStorage();
    const recent = new RecentEmoji(storage);
    for (let n = 0; n < 40; n++) recent.used(String(n));
    recent.used("30");
    expect(recent.list().slice(0, 3)).toEqual(["30", "39", "38"]);
    expect(recent.list()).toHaveLength(24);
    storage.set("emoji", '{"damaged":1}');
    expect(recent.list()).toEqual([]);
  });
});

describe("a grid of 8 in a row", () => {
  it.each([
    ["ArrowRight", 0, 20, 1],
    ["ArrowRight", 19, 20, 19],
    ["ArrowLeft", 0, 20, 0],
    ["ArrowDown", 0, 20, 8],
    ["ArrowDown", 15, 20, 19],
    ["ArrowDown", 17, 20, 17],
    ["ArrowUp", 9, 20, 1],
    ["ArrowUp", 3, 20, null],
    ["Home", 13, 20, 8],
    ["End", 9, 20, 15],
    ["End", 17, 20, 19],
    ["PageDown", 3, 100, 43],
    ["PageUp", 3, 100, 3],
    ["x", 3, 100, -1],
  ])("%s from %i of %i", (key, at, count, to) => expect(step(key, at, count)).toBe(to));
});

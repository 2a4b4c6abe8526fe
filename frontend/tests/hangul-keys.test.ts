import { describe, expect, it } from "vitest";
import { HangulKeys } from "../src/ui/kit/hangul-keys";

const press = (code: string, more: Partial<Parameters<HangulKeys["down"]>[0]> = {}) => ({
  key: code,
  code,
  isComposing: false,
  keyCode: 0,
  repeat: false,
  ...more,
});
const composing = { isComposing: true, keyCode: 229 };

describe("keys over a list that follows what is typed", () => {
  it("are the list's outside of a composition, held down too", () => {
    const keys = new HangulKeys();
    expect(keys.down(press("Enter"), 0)).toBe("now");
    expect(keys.up(press("Enter"))).toBe(false);
    expect(keys.down(press("ArrowDown"), 0)).toBe("now");
    expect(keys.down(press("ArrowDown", { repeat: true }), 30)).toBe("now");
  });

  it("Chromium, Hangul: Enter counts once, when it is let go", () => {
    const keys = new HangulKeys();
    keys.composing("의");
    expect(keys.down(press("Enter", composing), 0)).toBe("later");
    keys.composed("의", 1);
    expect(keys.down(press("Enter"), 2)).toBe("never");
    expect(keys.up(press("Enter"))).toBe(true);
    expect(keys.up(press("Enter"))).toBe(false);
  });

  it("Chromium, Hangul: an arrow moves at once, and once", () => {
    const keys = new HangulKeys();
    keys.composing("의");
    expect(keys.down(press("ArrowDown", composing), 0)).toBe("now");
    keys.composed("의", 1);
    expect(keys.down(press("ArrowDown"), 2)).toBe("never");
    expect(keys.up(press("ArrowDown"))).toBe(false);
    expect(keys.down(press("ArrowDown"), 50)).toBe("now");
  });

  it("Safari, Hangul: the press comes after the composition that it ended", () => {
    const keys = new HangulKeys();
    keys.composing("의");
    keys.composed("의", 0);
    expect(keys.down(press("Enter", { keyCode: 229 }), 5)).toBe("now");
    expect(keys.down(press("Enter", { keyCode: 229 }), 500)).toBe("never");
  });

  it("kana and pinyin: they belong to the input method", () => {
    for (const text of ["かいぎ", "huiyi"]) {
      const keys = new HangulKeys();
      keys.composing(text);
      expect(keys.down(press("ArrowDown", composing), 0)).toBe("never");
      expect(keys.down(press("Enter", composing), 10)).toBe("never");
      keys.composed(text, 11);
      expect(keys.up(press("Enter"))).toBe(false);
      expect(keys.down(press("Enter"), 1_000)).toBe("now");
    }
  });
});

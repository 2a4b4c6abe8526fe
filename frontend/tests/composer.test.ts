import { describe, expect, it } from "vitest";
import { trimmedBody } from "../src/ui/room/composer/composer-controller";
import { hueOf, initials } from "../src/ui/kit/avatar";

describe("what is sent of what was written", () => {
  it.each([
    ["hi", "hi"],
    ["  indented\n  code  ", "  indented\n  code"],
    ["\n \n\nhi\n\n", "hi"],
    ["a\n\n\nb", "a\n\n\nb"],
    [" \n\t ", ""],
  ])("%j: %j", (text, body) => expect(trimmedBody(text)).toBe(body));
});

describe("an avatar", () => {
  it.each([
    ["김민지", "민지"],
    ["민지", "민지"],
    ["남궁민수", "남"],
    ["Ada Lovelace", "A"],
    ["ß", "SS"],
    ["👩‍💻 dev", "👩‍💻"],
    ["", "?"],
  ])("of %s shows %s", (name, text) => expect(initials(name)).toBe(text));

  it("keeps its colour with the person, and spreads over people", () => {
    expect(hueOf("guest-1")).toBe(hueOf("guest-1"));
    const hues = Array.from({ length: 200 }, (_, i) => hueOf(`guest-${i}`));
    expect(new Set(hues.map((hue) => Math.floor(hue / 30))).size).toBe(12);
  });
});

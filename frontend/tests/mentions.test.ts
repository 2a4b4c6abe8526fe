import { describe, expect, it } from "vitest";
import { candidates, fits, queryAt } from "../src/ui/room/composer/mention-model";
import { mentioned } from "../src/ui/markdown/mentions";
import { ADA, ME } from "./support/wire";

const BYRON = { id: "guest-byron", name: "Ada Byron" };
const names = (found: ReturnType<typeof candidates>) => found.map(({ user }) => user.name);

describe("an @ under way", () => {
  it.each([
    ["@", 1, { from: 0, text: "" }],
    ["hi @a", 5, { from: 3, text: "a" }],
    ["안녕@민", 4, { from: 2, text: "민" }],
    ["(@Ada By", 8, { from: 1, text: "Ada By" }],
    ["@a @b", 5, { from: 3, text: "b" }],
    ["@ada and more", 4, { from: 0, text: "ada" }],
  ])("is found in %j at %i", (text, cursor, query) => expect(queryAt(text, cursor)).toEqual(query));

  it.each([
    ["me@example", 10],
    ["@ ada", 5],
    ["@a\nb", 4],
    ["@one two three four five", 24],
    ["none", 4],
    ["@ada", 0],
  ])("is none in %j at %i", (text, cursor) => expect(queryAt(text, cursor)).toBeNull());
});

describe("who fits", () => {
  it("by the beginning of a name or of a word in it, also by half a syllable", () => {
    for (const query of ["", "a", "ADA", "by", "ada b"]) expect(fits(BYRON.name, query)).toBe(true);
    for (const query of ["ㅁ", "ㅁㅈ", "미", "민", "민ㅈ", "민지"])
      expect(fits("민지", query)).toBe(true);
    for (const query of ["지", "ㅈ", "ㅁㅁ", "d", "ron"])
      expect(fits("민지 Ada Byron", query)).toBe(false);
  });

  it("those who are here first, nobody twice, never oneself", () => {
    const found = candidates("", [], [ME, BYRON], [ADA, BYRON, ME], ME.id);
    expect(names(found)).toEqual(["Ada Byron", "Ada"]);
    expect(found.map(({ away }) => away)).toEqual([false, true]);
    const crowd = Array.from({ length: 50 }, (_, i) => ({ id: `${i}`, name: `Ada ${i}` }));
    expect(candidates("ada", [], crowd, [], ME.id)).toHaveLength(8);
    // Who talks stands before a crowd that only has names that fit.
    const talking = candidates("ada", [ADA.id], [...crowd, ADA], [], ME.id);
    expect(talking[0]?.user).toEqual(ADA);
  });
});

describe("who is mentioned in the end", () => {
  it("whose name still stands behind an @, the longest that fits", () => {
    const people = [ADA, BYRON, ME];
    const of = (text: string) => mentioned(text, people).map(({ name }) => name);
    expect(of("@Ada Byron and @민지야")).toEqual(["Ada Byron", "민지"]);
    expect(of("@Ada, @Ada")).toEqual(["Ada"]);
    expect(of("@Adam, me@Ada, Ada")).toEqual([]);
  });

  it("of two with one name the one who was chosen", () => {
    const twin = { id: "guest-twin", name: "Ada" };
    expect(mentioned("@Ada", [twin, ADA])).toEqual([twin]);
  });
});

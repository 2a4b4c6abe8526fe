import { describe, expect, it } from "vitest";
import { highlightIn } from "../src/ui/markdown/highlight";
import { highlighterOf, LANGUAGE_NAMES } from "../src/ui/markdown/languages";

describe("highlighting", () => {
  it("gives runs of colours and keeps every character", async () => {
    const highlight = await highlightIn("Rust");
    const code = 'fn main() {\n    println!("안녕 {}", 1); // hi\n}';
    const lit = highlight(code) ?? [];
    expect(lit.map(({ text }) => text).join("")).toBe(code);
    expect(lit).toContainEqual({ text: "fn", colour: "keyword" });
    expect(lit).toContainEqual({ text: "// hi", colour: "comment" });
  });

  it.each([
    ["rust", "Rust"],
    ["TS", "TypeScript"],
    ["c++ title=a", "C++"],
    ["js{1,2}", "JavaScript"],
  ])("knows %s", (info, name) => expect(highlighterOf(info)?.name).toBe(name));

  it.each(["", "nonsense", "constructor", "__proto__"])("guesses nothing of %j", (info) =>
    expect(highlighterOf(info)).toBeNull(),
  );

  it.each(LANGUAGE_NAMES)("takes hostile %s in time", async (name) => {
    const highlight = await highlightIn(name);
    for (const part of [
      "{",
      "(",
      "<a ",
      '"',
      "'",
      "`${",
      "/*",
      "#",
      "a.",
      "<!--",
      "- a: ",
      "$(",
      "=",
      "\\",
    ]) {
      const code = part.repeat(4_000).slice(0, 4_000);
      const started = performance.now();
      const lit = highlight(code);
      expect(performance.now() - started, part).toBeLessThan(1_000);
      if (lit !== null) expect(lit.map(({ text }) => text).join("")).toBe(code);
    }
  });
});

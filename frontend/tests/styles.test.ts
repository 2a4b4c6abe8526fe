import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const UI = new URL("../src/ui/", import.meta.url);
/** Every style sheet of the page, by its path below `src/ui/`. */
const sheets = Object.fromEntries(
  readdirSync(UI, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".css"))
    .map((path) => [path, readFileSync(new URL(path, UI), "utf8")]),
);

const LIST = "app/styles.css";
const LAYERS = ["tokens", "base", "kit", "features"];

/** The layer that a sheet belongs to, by where it is. */
function layerOf(path: string): string {
  if (path === "kit/tokens.css") return "tokens";
  if (path === "kit/base.css") return "base";
  return path.startsWith("kit/") ? "kit" : "features";
}

/** What the list imports: the path below `src/ui/`, and the layer. */
function listed(text: string): [string, string][] {
  const line = /@import "([^"]+)"(?: layer\((\w+)\))?;/g;
  return Array.from(text.matchAll(line), ([, name = "", layer = ""]) => [
    new URL(name, `https://ui/${LIST}`).pathname.slice(1),
    layer,
  ]);
}

/** How often each custom property of the page's root is given a value. */
function declared(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, name = ""] of text.matchAll(/^\s*(--[\w-]+):/gm)) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

describe("the style sheets", () => {
  const list = sheets[LIST] ?? "";
  const others = Object.keys(sheets).filter((path) => path !== LIST);

  it("are all listed, once, each in the layer of its folder", () => {
    expect(others.length).toBeGreaterThan(15);
    expect(listed(list).sort()).toEqual(others.map((path) => [path, layerOf(path)]).sort());
  });

  it("have the layers in one order, said before anything is in them", () => {
    expect(list.indexOf(`@layer ${LAYERS.join(", ")};`)).toBeLessThan(list.indexOf("@import"));
    expect(list).toContain(`@layer ${LAYERS.join(", ")};`);
    const order = listed(list).map(([, layer]) => LAYERS.indexOf(layer));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    for (const path of others) expect(sheets[path], path).not.toMatch(/@layer|@import/);
  });

  it("know beginning and end, not left and right: a text may be read from either", () => {
    const sided =
      /(?<![-\w])(?:(?:padding|margin|border)-)?(?:left|right):|(?:text-align|float): (?:left|right)/;
    // Measured by the page, or a device's own edges.
    const physical = /var\(--(?:x|safe-left|safe-right)\)/;
    for (const [path, text] of Object.entries(sheets)) {
      const lines = text.split("\n").filter((line) => sided.test(line) && !physical.test(line));
      expect(lines, path).toEqual([]);
    }
  });

  it("say each colour once, for light and for dark", () => {
    const tokens = sheets["kit/tokens.css"] ?? "";
    // What a phone has larger is said again.
    const twice = [...declared(tokens)].filter(([, times]) => times > 1).map(([name]) => name);
    expect(twice.sort()).toEqual(["--target", "--text-m"]);
    expect(tokens).toContain("--paper: light-dark(");
    for (const [path, text] of Object.entries(sheets)) {
      expect(text, path).not.toContain("prefers-color-scheme");
      if (path !== "kit/tokens.css") expect(text, path).not.toMatch(/light-dark\(|data-theme/);
    }
  });
});

import { describe, expect, it } from "vitest";

/** Every source of the page, by its path below `src/`. */
const sources = Object.fromEntries(
  Object.entries(
    import.meta.glob<string>("../src/**/*.{ts,tsx}", {
      query: "?raw",
      import: "default",
      eager: true,
    }),
  ).map(([path, text]) => [path.replace("../src/", ""), text]),
);

type Layer = "protocol" | "connection" | "store" | "sync" | "ui" | "main";

/** What each layer may name: `protocol ← {connection, store} ← sync ← ui ← main`. */
const MAY_NAME: Readonly<Record<Layer, readonly Layer[]>> = {
  protocol: [],
  connection: ["protocol"],
  store: ["protocol"],
  sync: ["protocol", "connection", "store"],
  ui: ["protocol", "connection", "store", "sync"],
  main: ["protocol", "connection", "store", "sync", "ui"],
};
/** Packages by layer. Signals-core is values over time, without a framework. */
const MAY_USE: Readonly<Record<Layer, readonly string[]>> = {
  protocol: [],
  connection: [],
  store: ["@preact/signals-core", "idb"],
  sync: ["@preact/signals-core"],
  ui: [
    "preact",
    "preact/hooks",
    "@preact/signals",
    "markdown-it",
    "markdown-it-cjk-friendly",
    "lowlight",
    "highlight.js",
    "emojibase-data",
  ],
  main: ["preact"],
};

function layerOf(path: string): Layer {
  const top = path.split("/")[0] ?? "";
  if (/^(?:main|config)(?:\.|$)/.test(path)) return "main";
  if (Object.hasOwn(MAY_NAME, top)) return top as Layer;
  throw new Error(`src/${path} belongs to no layer`);
}

const withoutComments = (text: string) =>
  text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`])\/\/.*$/gm, "$1");

function imports(text: string): string[] {
  const forms = /(?:^|[\s;}])(?:from|import)\s*\(?\s*["']([^"']+)["']/g;
  return Array.from(withoutComments(text).matchAll(forms), (match) => match[1] ?? "");
}

/** `a/b.ts` and `../c/d` make `c/d`. */
const resolve = (from: string, to: string) => new URL(to, `https://src/${from}`).pathname.slice(1);

/** Grammars and data lie below their package's name; a framework's parts are named one by one. */
const packageOf = (name: string) =>
  /^(?:highlight\.js|emojibase-data)(?=\/)/.exec(name)?.[0] ?? name;

/** Why a file with this text couldn't stand at this path. */
function trespasses(path: string, text: string): string[] {
  const layer = layerOf(path);
  return imports(text).flatMap((name) => {
    if (name.endsWith(".css")) return layer === "main" ? [] : [`${path} imports ${name}`];
    if (!name.startsWith(".")) {
      return MAY_USE[layer].includes(packageOf(name))
        ? []
        : [`${layer} may not use ${name}: ${path}`];
    }
    const target = layerOf(resolve(path, name));
    const allowed = target === layer || MAY_NAME[layer].includes(target);
    return allowed ? [] : [`${layer} may not name ${target}: ${path} → ${name}`];
  });
}

const MARKUP =
  /\b(?:innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|createContextualFragment|setHTMLUnsafe|parseFromString|srcdoc)\b|document\.write|\beval\s*\(|new Function\b|set(?:Timeout|Interval)\(\s*["'`]/;

describe("the layers", () => {
  it("are all here, each with files", () => {
    const layers = new Set(Object.keys(sources).map(layerOf));
    expect([...layers].sort()).toEqual(["connection", "main", "protocol", "store", "sync", "ui"]);
    expect(Object.keys(sources).length).toBeGreaterThan(50);
  });

  it("import one way only", () => {
    expect(Object.entries(sources).flatMap(([path, text]) => trespasses(path, text))).toEqual([]);
  });

  it("are seen through: imports of every form are found", () => {
    const text = `
      import a from "./a";
      import type { B } from '../b';
      import "./c.css";
      export * from "../d";
      export { e } from "./e";
      const f = await import("../f");
      // import g from "./g";
      /* import h from "./h"; */
    `;
    expect(imports(text)).toEqual(["./a", "../b", "./c.css", "../d", "./e", "../f"]);
  });

  it.each([
    ["protocol/x.ts", 'import { signal } from "@preact/signals-core";'],
    ["protocol/x.ts", 'import { Room } from "../store/room";'],
    ["connection/x.ts", 'import { Room } from "../store/room";'],
    ["connection/x.ts", 'import { h } from "preact";'],
    ["store/x.ts", 'import type { State } from "../connection/connection";'],
    ["store/x.ts", 'import { signal } from "@preact/signals";'],
    ["sync/x.ts", 'import { I18n } from "../ui/i18n/i18n";'],
    ["ui/x.tsx", 'import { start } from "../main";'],
    ["ui/shell/x.tsx", 'import { loadConfig } from "../../config";'],
    ["ui/x.tsx", 'import _ from "lodash";'],
    ["store/x.ts", 'const { h } = await import("preact");'],
  ])("would notice in %s: %s", (path, text) => expect(trespasses(path, text)).toHaveLength(1));

  it("have no file outside of them", () => {
    expect(() => layerOf("helpers/x.ts")).toThrow("no layer");
  });
});

describe("markup", () => {
  it("is never made from text, nor code", () => {
    const found = Object.entries(sources).flatMap(([path, text]) => {
      const match = MARKUP.exec(withoutComments(text));
      return match === null ? [] : [`${path}: ${match[0]}`];
    });
    expect(found).toEqual([]);
  });

  it.each([
    "el.innerHTML = text",
    "<div dangerouslySetInnerHTML={{ __html: text }} />",
    'el.insertAdjacentHTML("beforeend", text)',
    "eval (text)",
    "new Function(text)",
    'setTimeout("alert(1)", 1)',
    "document.write(text)",
  ])("would be noticed: %s", (text) => expect(text).toMatch(MARKUP));
});

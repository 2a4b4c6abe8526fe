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

/**
 * The folders of `ui`, each below those that may name it: `kit` knows nothing of the chat, a feature
 * nothing of the room, and nobody the `app` that opens them all. What stands in one line is beside
 * each other and names no other of its line, but for the features that are listed below.
 */
const UI_FOLDERS: readonly (readonly string[])[] = [
  ["kit"],
  ["i18n"],
  ["i18n/errors"],
  ["context"],
  ["markdown"],
  [
    "features/create-room",
    "features/doctor",
    "features/emoji",
    "features/fatal",
    "features/files",
    "features/notifications",
    "features/search",
    "features/settings",
    "features/switcher",
  ],
  ["room/actions"],
  ["room/composer", "room/header", "room/timeline"],
  ["room", "sidebar"],
  ["app"],
];
/** Features that show what another one knows. */
const MAY_SHOW: Readonly<Record<string, readonly string[]>> = {
  "features/settings": ["features/notifications"],
};

/** The folder below `ui/` that a path is in; null for what isn't in `ui`. */
const folderOf = (path: string) => /^ui\/(.*)\/[^/]*$/.exec(path)?.[1] ?? null;

function mayName(from: string, to: string): boolean {
  const rank = (folder: string) => UI_FOLDERS.findIndex((line) => line.includes(folder));
  if (rank(from) < 0 || rank(to) < 0) return false;
  return from === to || rank(to) < rank(from) || MAY_SHOW[from]?.includes(to) === true;
}

/** Who names whom among the folders of `ui`. */
function folderGraph(files: Readonly<Record<string, string>>): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>();
  for (const [path, text] of Object.entries(files)) {
    const from = folderOf(path);
    if (from === null) continue;
    for (const name of imports(text)) {
      const to = name.startsWith(".") ? folderOf(resolve(path, name)) : null;
      if (to !== null && to !== from) graph.set(from, (graph.get(from) ?? new Set()).add(to));
    }
  }
  return graph;
}

/** The ways from a folder back to itself. */
function circles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (folder: string, way: readonly string[]): void => {
    if (way.includes(folder)) found.push([...way.slice(way.indexOf(folder)), folder].join(" → "));
    if (way.includes(folder) || done.has(folder)) return;
    for (const next of graph.get(folder) ?? []) visit(next, [...way, folder]);
    done.add(folder);
  };
  for (const folder of graph.keys()) visit(folder, []);
  return found;
}

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
    const target = resolve(path, name);
    const to = layerOf(target);
    if (to !== layer && !MAY_NAME[layer].includes(to)) {
      return [`${layer} may not name ${to}: ${path} → ${name}`];
    }
    const [here, there] = [folderOf(path), folderOf(target)];
    if (here === null || there === null || mayName(here, there)) return [];
    return [`ui/${here} may not name ui/${there}: ${path} → ${name}`];
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

  it("have folders in ui, all of which are named here, each with files", () => {
    const folders = Object.keys(sources).map(folderOf);
    const here = [...new Set(folders.filter((folder) => folder !== null))].sort();
    expect(here).toEqual(UI_FOLDERS.flat().sort());
    expect(Object.keys(sources).filter((path) => /^ui\/[^/]*$/.test(path))).toEqual([]);
  });

  it("have no two folders in ui that name each other, not even around others", () => {
    const graph = folderGraph(sources);
    expect(graph.size).toBeGreaterThan(10);
    expect(circles(graph)).toEqual([]);
    const pair = folderGraph({
      "ui/a/x.ts": 'import "../b/y";',
      "ui/b/y.ts": 'const x = () => import("../a/x");',
    });
    expect(circles(pair)).toEqual(["a → b → a"]);
    const around = folderGraph({
      "ui/a/x.ts": 'import type { Y } from "../b/y";',
      "ui/b/y.ts": 'export * from "../b/c/z";',
      "ui/b/c/z.ts": 'import { x } from "../../a/x";',
    });
    expect(circles(around)).toEqual(["a → b → b/c → a"]);
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
    ["ui/app/x.tsx", 'import { start } from "../../main";'],
    ["ui/app/x.tsx", 'import { loadConfig } from "../../config";'],
    ["ui/app/x.tsx", 'import _ from "lodash";'],
    ["ui/kit/x.tsx", 'import { useApp } from "../context/app-context";'],
    ["ui/kit/x.tsx", 'import { searchOf } from "../features/search/search-of";'],
    ["ui/context/x.ts", 'import type { Shell } from "../app/shell";'],
    ["ui/features/search/x.ts", 'import { Timeline } from "../../room/timeline/timeline";'],
    ["ui/features/search/x.ts", 'import { Doctor } from "../doctor/doctor";'],
    ["ui/room/timeline/x.ts", 'const m = await import("../composer/late");'],
    ["ui/room/header/x.ts", 'export { RoomPane } from "../room-pane";'],
    ["ui/sidebar/x.ts", 'import { RoomPane } from "../room/room-pane";'],
    ["ui/news/x.ts", 'import { Dialog } from "../kit/dialog";'],
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

// Loaded with the first block of code in a language we know; each grammar when it is needed.

import { createLowlight } from "lowlight";
import type { LanguageFn } from "highlight.js";
import type { Language } from "./languages";

/** The colours of the page's own palette; a highlighter knows many more names. */
export type Colour = "keyword" | "string" | "name" | "number" | "comment" | "added" | "removed";

/** A run of code in one colour, or in none. */
export interface Lit {
  readonly text: string;
  readonly colour: Colour | null;
}
export type Highlight = (code: string) => readonly Lit[] | null;

type Grammar = () => Promise<{ default: LanguageFn }>;
const GRAMMARS: Readonly<Record<Language, Readonly<Record<string, Grammar>>>> = {
  Bash: { bash: () => import("highlight.js/lib/languages/bash") },
  C: { c: () => import("highlight.js/lib/languages/c") },
  "C++": { cpp: () => import("highlight.js/lib/languages/cpp") },
  "C#": { csharp: () => import("highlight.js/lib/languages/csharp") },
  CSS: { css: () => import("highlight.js/lib/languages/css") },
  Diff: { diff: () => import("highlight.js/lib/languages/diff") },
  Dockerfile: {
    dockerfile: () => import("highlight.js/lib/languages/dockerfile"),
    bash: () => import("highlight.js/lib/languages/bash"),
  },
  Go: { go: () => import("highlight.js/lib/languages/go") },
  HTML: {
    xml: () => import("highlight.js/lib/languages/xml"),
    css: () => import("highlight.js/lib/languages/css"),
    javascript: () => import("highlight.js/lib/languages/javascript"),
  },
  "INI, TOML": { ini: () => import("highlight.js/lib/languages/ini") },
  Java: { java: () => import("highlight.js/lib/languages/java") },
  JavaScript: { javascript: () => import("highlight.js/lib/languages/javascript") },
  JSON: { json: () => import("highlight.js/lib/languages/json") },
  Kotlin: { kotlin: () => import("highlight.js/lib/languages/kotlin") },
  Python: { python: () => import("highlight.js/lib/languages/python") },
  Rust: { rust: () => import("highlight.js/lib/languages/rust") },
  SQL: { sql: () => import("highlight.js/lib/languages/sql") },
  Swift: { swift: () => import("highlight.js/lib/languages/swift") },
  TypeScript: { typescript: () => import("highlight.js/lib/languages/typescript") },
  YAML: { yaml: () => import("highlight.js/lib/languages/yaml") },
};

const COLOURS: Readonly<Record<string, Colour>> = {
  "hljs-keyword": "keyword",
  "hljs-built_in": "name",
  "hljs-type": "name",
  "hljs-title": "name",
  "hljs-name": "name",
  "hljs-section": "name",
  "hljs-selector-tag": "name",
  "hljs-selector-class": "name",
  "hljs-selector-id": "name",
  "hljs-property": "name",
  "hljs-attr": "name",
  "hljs-attribute": "name",
  "hljs-literal": "number",
  "hljs-number": "number",
  "hljs-symbol": "number",
  "hljs-variable": "number",
  "hljs-template-variable": "number",
  "hljs-string": "string",
  "hljs-regexp": "string",
  "hljs-char": "string",
  "hljs-comment": "comment",
  "hljs-quote": "comment",
  "hljs-meta": "comment",
  "hljs-doctag": "keyword",
  "hljs-addition": "added",
  "hljs-deletion": "removed",
};

const lowlight = createLowlight();

/** What is known of lowlight's tree; it says nothing of depth. */
interface Node {
  type: string;
  value?: string;
  children?: Node[];
  properties?: { className?: unknown };
}

/** A highlighter of one language: code to runs, never to markup; null where the grammar fails. */
export async function highlightIn(name: Language): Promise<Highlight> {
  const grammars = Object.entries(GRAMMARS[name]);
  const loaded = await Promise.all(
    grammars.map(async ([id, load]) => [id, (await load()).default] as const),
  );
  for (const [id, grammar] of loaded) if (!lowlight.registered(id)) lowlight.register(id, grammar);
  const [id = ""] = loaded[0] ?? [];
  return (code) => {
    try {
      return runs(lowlight.highlight(id, code));
    } catch {
      // A grammar that gives up costs the colours, not the code.
      return null;
    }
  };
}

/** The tree as runs. Without recursion: code nests as deep as somebody likes. */
function runs(root: Node): Lit[] {
  const found: Lit[] = [];
  const open: { node: Node; colour: Colour | null }[] = [{ node: root, colour: null }];
  for (let top = open.pop(); top !== undefined; top = open.pop()) {
    const { node } = top;
    if (node.value !== undefined) {
      const last = found.at(-1);
      if (last?.colour === top.colour) {
        found[found.length - 1] = { text: last.text + node.value, colour: top.colour };
      } else found.push({ text: node.value, colour: top.colour });
    }
    const classes: unknown = node.properties?.className;
    const names = Array.isArray(classes) ? classes.map(String) : [];
    const own = names.map((one) => COLOURS[one]).find((one) => one !== undefined);
    const inside = names.includes("hljs-subst") ? null : (own ?? top.colour);
    for (const child of [...(node.children ?? [])].reverse()) {
      open.push({ node: child, colour: inside });
    }
  }
  return found;
}

import { Lazy } from "../kit/lazy";
import type { Highlight } from "./highlight";

/** Languages by the name people read; how they are written behind the fence. */
const LANGUAGES = {
  Bash: "bash sh shell zsh console",
  C: "c h",
  "C++": "cpp c++ cc hpp",
  "C#": "csharp c# cs",
  CSS: "css",
  Diff: "diff patch",
  Dockerfile: "dockerfile docker",
  Go: "go golang",
  HTML: "html xml svg xhtml vue",
  "INI, TOML": "ini toml",
  Java: "java",
  JavaScript: "javascript js jsx mjs cjs",
  JSON: "json json5 jsonc",
  Kotlin: "kotlin kt",
  Python: "python py",
  Rust: "rust rs",
  SQL: "sql",
  Swift: "swift",
  TypeScript: "typescript ts tsx mts",
  YAML: "yaml yml",
} as const;
export type Language = keyof typeof LANGUAGES;
export const LANGUAGE_NAMES = Object.keys(LANGUAGES) as readonly Language[];

const byAlias = new Map<string, Language>(
  Object.entries(LANGUAGES).flatMap(([name, aliases]) =>
    aliases.split(" ").map((alias) => [alias, name as Language] as const),
  ),
);
const highlighters = new Map<Language, Lazy<Highlight>>();

/** The language of a block, by the first word behind its fence, and its highlighter. */
export function highlighterOf(
  info: string,
): { name: Language; highlighter: Lazy<Highlight> } | null {
  const name = byAlias.get(info.split(/[\s,{:]/u, 1)[0]?.toLowerCase() ?? "");
  if (name === undefined) return null;
  let highlighter = highlighters.get(name);
  if (highlighter === undefined) {
    highlighter = new Lazy(async () => (await import("./highlight")).highlightIn(name));
    highlighters.set(name, highlighter);
  }
  return { name, highlighter };
}

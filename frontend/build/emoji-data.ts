// What the emoji picker needs of emojibase's data: a tenth of it. The rest stays out of the page.

import type { Plugin } from "vite";

interface Emoji {
  emoji: string;
  label: string;
  tags?: string[];
  group?: number;
  version: number;
}

/** Newer ones are boxes on many people's systems. */
const NEWEST = 15.1;
/** Skin tones and hair by themselves. */
const COMPONENTS = 2;

const wanted = (all: Emoji[]) =>
  all.filter(
    ({ group, version }) => group !== undefined && group !== COMPONENTS && version <= NEWEST,
  );

/** As keyboards write it: the selector only where the emoji would be a letter without. */
const asTyped = (emoji: string) => emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, "$1");

/**
 * `emojibase-data/<language>/data.json?list`: the emoji by group, `string[][]`;
 * `…?words`: of each, in the same order, what it is called and what else finds it: "label|tag tag".
 */
export function emojiData(): Plugin {
  return {
    name: "emoji-data",
    // Before Vite reads the JSON.
    enforce: "pre",
    transform(code, id) {
      const query = /emojibase-data\/.*\/data\.json\?(list|words)$/.exec(id)?.[1];
      if (query === undefined) return null;
      const emoji = wanted(JSON.parse(code) as Emoji[]);
      const groups = [...new Set(emoji.map(({ group }) => group))].sort(
        (a, b) => (a ?? 0) - (b ?? 0),
      );
      const inOrder = groups.map((group) => emoji.filter((one) => one.group === group));
      const picked =
        query === "list"
          ? inOrder.map((group) => group.map((one) => asTyped(one.emoji)))
          : inOrder.flat().map(({ label, tags = [] }) => `${label}|${tags.join(" ")}`);
      // A string is read faster than a script.
      const text = JSON.stringify(JSON.stringify(picked));
      return { code: `export default JSON.parse(${text});`, moduleType: "js", map: null };
    },
  };
}

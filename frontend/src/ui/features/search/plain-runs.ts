import type { Run } from "../../../protocol/generated";
import { excerpt } from "../../markdown/excerpt";

/** Around what was found, while the markup around it goes. Nobody writes them. */
const FROM = "\uE001";
const TO = "\uE002";
const MARKS = /[\uE001\uE002]/g;
/** Longer than what the server sends (160 characters, each two units at most), with the marks. */
const LIMIT = 1_000;

/**
 * What was found, without its markup; as it came where something of what was found is markup itself
 * (the address of a link).
 */
export function plainRuns(runs: readonly Run[]): readonly Run[] {
  const marked = runs
    .map(({ text, hit }) => {
      const bare = text.replace(MARKS, "");
      return hit === true ? FROM + bare + TO : bare;
    })
    .join("");
  const plain: Run[] = [];
  let hits = 0;
  for (const [at, part] of excerpt(marked, LIMIT, true).split(MARKS).entries()) {
    const hit = at % 2 === 1;
    if (hit) hits += 1;
    if (part !== "") plain.push(hit ? { text: part, hit } : { text: part });
  }
  return hits === runs.filter(({ hit }) => hit === true).length ? plain : runs;
}

// Combinations of keys, as they are pressed on any layout.

import { APPLE } from "./platform";

/** `Mod` is Command on Apple's machines, Control elsewhere. */
export type Combo = `${"Mod+" | ""}${"Alt+" | ""}${"Shift+" | ""}${string}`;

export type Press = Pick<
  KeyboardEvent,
  "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey"
>;

/** The letter or sign on the key, in lower case; by its place where the layout has others (ㄷ is E). */
export function letterOf({ key, code }: Pick<Press, "key" | "code">): string {
  if (/^[\x21-\x7e]$/.test(key)) return key.toLowerCase();
  return /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? (code === "Slash" ? "/" : key);
}

export function presses(press: Press, combo: Combo, apple = APPLE): boolean {
  const parts = combo.split("+");
  const key = parts.pop() ?? "";
  const mod = parts.includes("Mod");
  if ((apple ? press.metaKey : press.ctrlKey) !== mod) return false;
  if (apple ? press.ctrlKey : press.metaKey) return false;
  if (press.altKey !== parts.includes("Alt")) return false;
  if (key === "?") return press.key === "?";
  if (press.shiftKey !== parts.includes("Shift")) return false;
  return key.length === 1 ? letterOf(press) === key.toLowerCase() : press.key === key;
}

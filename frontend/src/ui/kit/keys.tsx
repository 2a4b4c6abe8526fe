import { Fragment } from "preact";
import { APPLE } from "./platform";
import type { Combo } from "./key-combos";

const SIGNS: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  ContextMenu: "☰",
  Delete: "Del",
  ...(APPLE ? { Mod: "⌘", Alt: "⌥", Shift: "⇧" } : { Mod: "Ctrl" }),
};

/** Keys as they are written on the keyboard in front of the person. */
export function Keys({ combos, or }: { combos: readonly Combo[]; or: string }) {
  return (
    <>
      {combos.map((combo, index) => (
        <Fragment key={combo}>
          {index > 0 && <span class="or"> {or} </span>}
          <span class="keys">
            {(combo === "+" ? ["+"] : combo.split("+")).map((key) => (
              <kbd key={key}>{SIGNS[key] ?? key}</kbd>
            ))}
          </span>
        </Fragment>
      ))}
    </>
  );
}

import { useEffect, useMemo } from "preact/hooks";
import { Lazy } from "../kit/lazy";
import type { Log } from "./keyboard";
import { Roving } from "./roving";

const Keyboard = new Lazy(() => import("./keyboard"));

/** The keyboard in the log. What its keys do comes right after the first paint. */
export function useRoving(log: Log) {
  const roving = useMemo(() => new Roving(), []);
  useEffect(() => void Keyboard.fetch().catch(() => undefined), []);
  const keyboard = Keyboard.here?.keyboardIn(log, roving);
  return {
    roving,
    handlers: keyboard && {
      onKeyDown: keyboard.onKeyDown,
      onFocusIn: keyboard.onFocusIn,
      onFocusOut: keyboard.onFocusOut,
    },
    go: (key: string) => {
      roving.go(key);
      log.redraw();
    },
    /** Rows were drawn: gives the focus to whom it was promised. */
    drawn: () => {
      roving.drawing = false;
      keyboard?.drawn();
    },
    /** To the newest message, which may have to be loaded. */
    toNewest: () => {
      roving.wantsNewest = true;
      log.toNewest();
    },
  };
}

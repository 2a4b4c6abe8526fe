// Every shortcut of the page: what is pressed, what it does, and by its name what the help says.

import type { App } from "../context/app-context";
import { letterOf, presses } from "../kit/key-combos";
import type { Combo } from "../kit/key-combos";
import { APPLE } from "../kit/platform";
import { markRead, neighbour, openRoom } from "./room-navigation";
import { cycleRegion } from "./focus-regions";

export interface Shortcut {
  name:
    | "switcher"
    | "search"
    | "help"
    | "room.next"
    | "room.previous"
    | "unread.next"
    | "unread.previous"
    | "region.next"
    | "region.previous"
    | "read"
    | "send"
    | "newline"
    | "edit.last"
    | "message.menu"
    | "message.react"
    | "message.reply"
    | "message.edit"
    | "message.copy"
    | "message.link"
    | "message.pin"
    | "message.delete";
  group: "go" | "read" | "write" | "message";
  /** Any of these. `Mod` is Command on Apple's machines, Control elsewhere. */
  combos: readonly Combo[];
  /** What it does; whether there was anything to do. Absent: the part in focus does it itself. */
  run?: (app: App) => boolean;
}

const show = (surface: "switcher" | "shortcuts") => (app: App) => {
  app.surfaces.show(surface);
  return true;
};
const search = ({ surfaces, router }: App) => {
  if (router.room.value === null) return false;
  surfaces.search();
  return true;
};
const beside = (step: 1 | -1, unreadOnly: boolean) => (app: App) =>
  openRoom(app, neighbour(app, step, unreadOnly));

export const SHORTCUTS: readonly Shortcut[] = [
  { name: "switcher", group: "go", combos: ["Mod+K"], run: show("switcher") },
  // The browser's own search stays where it is.
  { name: "search", group: "go", combos: ["Mod+Shift+F"], run: search },
  { name: "room.next", group: "go", combos: ["Alt+ArrowDown"], run: beside(1, false) },
  { name: "room.previous", group: "go", combos: ["Alt+ArrowUp"], run: beside(-1, false) },
  { name: "unread.next", group: "go", combos: ["Alt+Shift+ArrowDown"], run: beside(1, true) },
  { name: "unread.previous", group: "go", combos: ["Alt+Shift+ArrowUp"], run: beside(-1, true) },
  { name: "region.next", group: "go", combos: ["F6"], run: () => cycleRegion(1) },
  { name: "region.previous", group: "go", combos: ["Shift+F6"], run: () => cycleRegion(-1) },
  { name: "help", group: "go", combos: ["?", "Mod+/"], run: show("shortcuts") },
  { name: "read", group: "read", combos: ["Escape"], run: markRead },
  { name: "send", group: "write", combos: ["Enter"] },
  { name: "newline", group: "write", combos: ["Shift+Enter"] },
  { name: "edit.last", group: "write", combos: ["ArrowUp"] },
  { name: "message.menu", group: "message", combos: ["ContextMenu", "Shift+F10"] },
  { name: "message.react", group: "message", combos: ["+"] },
  { name: "message.reply", group: "message", combos: ["R"] },
  { name: "message.edit", group: "message", combos: ["E"] },
  { name: "message.copy", group: "message", combos: ["C"] },
  { name: "message.link", group: "message", combos: ["L"] },
  { name: "message.pin", group: "message", combos: ["P"] },
  { name: "message.delete", group: "message", combos: ["Delete"] },
];

/** What has Esc and the arrows for itself while it is there. */
const IN_FRONT = "dialog[open], [role=menu], [data-editing]";

const writes = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Listens for the life of the page. */
export function listen(app: App): void {
  const onKeyDown = (event: KeyboardEvent) => {
    // 229 is the only sign that every browser gives of a key the input method took.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
    // A dialog counts from when it was asked for, also while its part is on the way.
    if (app.surfaces.open.value !== "none" || document.querySelector(IN_FRONT) !== null) return;
    const wanted = SHORTCUTS.find(({ combos }) => combos.some((combo) => presses(event, combo)));
    if (wanted?.run !== undefined) {
      if (event.key === "?" && writes(event.target)) return;
      if (wanted.run(app)) event.preventDefault();
    } else if (typesOn(event)) {
      // What the key writes goes where the focus is by then.
      document.getElementById("composer")?.focus();
    }
  };
  document.addEventListener("keydown", onKeyDown);
  // For tests: keys pressed from now on are heard.
  document.documentElement.dataset["keys"] = "true";
}

/** A letter pressed while reading is meant for the message box, and so is what is pasted. */
function typesOn(event: KeyboardEvent): boolean {
  const { target } = event;
  const reads = target === document.body || (target instanceof Element && target.role === "log");
  if (!reads || event.altKey) return false;
  if (APPLE ? event.metaKey : event.ctrlKey) return letterOf(event) === "v";
  return !event.ctrlKey && !event.metaKey && event.key.length === 1 && event.key !== " ";
}

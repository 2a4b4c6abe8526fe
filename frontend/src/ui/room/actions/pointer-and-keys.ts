// What a pointer, a finger and the keyboard do to the messages of the room on screen.

import type { Room } from "../../../store/room";
import type { App } from "../../context/app-context";
import { letterOf } from "../../kit/key-combos";
import { messageActions, shownMessage } from "./actions";

/** A finger that stays this long wants to do something with the message. */
const LONG_PRESS_MS = 450;
/** …and one that moves farther than this wants to scroll. */
const SLACK_PX = 10;

const rowAt = (target: EventTarget | null) =>
  target instanceof Element
    ? target.closest<HTMLElement>(".message[data-message-id][data-seq]")
    : null;
const idOf = (row: HTMLElement | null) => row?.dataset["messageId"] ?? null;

/** Follows them until the returned function is called. */
export function followPointerAndKeys(app: App, room: Room): () => void {
  const { roomUi } = app;
  const ended = new AbortController();
  const { signal } = ended;
  const on = <K extends keyof DocumentEventMap>(
    type: K,
    heard: (event: DocumentEventMap[K]) => void,
    capture = false,
  ) => document.addEventListener(type, heard, { signal, capture });
  let press: { timer: ReturnType<typeof setTimeout>; x: number; y: number } | null = null;
  /** The menu came by a finger that is still down, or by a key: the browser's own doesn't come. */
  let ours = false;

  const release = () => {
    if (press !== null) clearTimeout(press.timer);
    press = null;
  };
  const menu = (row: HTMLElement) => {
    ours = true;
    roomUi.open({ is: "menu", room, seq: Number(row.dataset["seq"]), anchor: row });
  };

  on("pointerover", (event) => {
    if (event.pointerType === "mouse") roomUi.hovered.value = idOf(rowAt(event.target));
  });
  on("pointerdown", (event) => {
    release();
    ours = false;
    const row = rowAt(event.target);
    if (row === null || event.pointerType !== "touch" || !event.isPrimary) return;
    const timer = setTimeout(() => {
      press = null;
      menu(row);
    }, LONG_PRESS_MS);
    press = { timer, x: event.clientX, y: event.clientY };
  });
  on("pointermove", (event) => {
    if (press === null) return;
    if (Math.hypot(event.clientX - press.x, event.clientY - press.y) > SLACK_PX) release();
  });
  on("pointerup", release);
  on("pointercancel", release);
  // The finger that opened the menu is lifted: that is no click on what is there now.
  const swallow = (event: Event) => {
    if (!ours) return;
    ours = false;
    event.preventDefault();
    event.stopPropagation();
  };
  on("click", swallow, true);
  on("contextmenu", (event) => {
    if (ours || press !== null) event.preventDefault();
  });

  on("focusin", (event) => {
    const { target } = event;
    const byKeyboard = target instanceof Element && target.matches(":focus-visible");
    roomUi.focused.value = byKeyboard ? idOf(rowAt(target)) : null;
  });
  on("focusout", (event) => {
    if (event.relatedTarget === null) roomUi.focused.value = null;
  });

  on("keydown", (event) => {
    ours = false;
    const row = rowAt(event.target);
    if (row === null || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      event.preventDefault();
      menu(row);
    } else if (event.target === row && event.key === "Enter") {
      event.preventDefault();
      row.querySelector<HTMLElement>("[role=toolbar] button")?.focus();
    } else if (event.target === row) {
      const message = shownMessage(app, room, Number(row.dataset["seq"]));
      if (message === undefined) return;
      const key = event.key === "Delete" ? event.key : letterOf(event);
      const action = messageActions(app, room, message).find((each) => each.key === key);
      if (action === undefined) return;
      event.preventDefault();
      action.run(row);
    }
  });
  on("keyup", () => setTimeout(() => (ours = false)));

  return () => {
    release();
    ended.abort();
    roomUi.hovered.value = null;
    roomUi.focused.value = null;
  };
}

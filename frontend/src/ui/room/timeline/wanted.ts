// The message that a link, a search result or a quote leads to. Loaded when the room is painted.

import { effect, untracked } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { Room } from "../../../store/room";
import type { MessageRef } from "../../../store/timeline";
import type { App } from "../../context/app-context";
import { sentence } from "../../i18n/errors/sentence";

/** How long a message that was sought is told from its neighbours. */
const SOUGHT_MS = 2_500;

/**
 * Takes what `RoomViews.showMessage` asks for, has it loaded, then hands it to `show`. `sought` names
 * its row for a moment. Returns what ends that.
 */
export function followWanted(
  { client, i18n, toasts, views }: App,
  room: Room,
  sought: Signal<string | null>,
  show: (key: string) => void,
): () => void {
  const view = views.of(room.key);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked: object | null = null;

  const found = (message: MessageRef) => {
    const entry = room.timeline.find(message);
    if (entry?.kind !== "message") {
      toasts.say(i18n.t("message.nowhere"), "error");
      return;
    }
    sought.value = entry.id;
    clearTimeout(timer);
    timer = setTimeout(() => {
      sought.value = null;
    }, SOUGHT_MS);
    show(entry.id);
  };

  const seek = (wanted: { message: MessageRef } | null, joined: boolean) => {
    if (wanted === null || asked === wanted) return;
    if (!joined && !room.timeline.holds(wanted.message)) return;
    asked = wanted;
    client.pager.around(room, wanted.message, (outcome) => {
      if (view.wanted.value !== wanted) return;
      asked = null;
      // Asked again when the room is entered again.
      if (typeof outcome === "object" && outcome.code === "disconnected") return;
      view.wanted.value = null;
      if (typeof outcome === "object") toasts.say(sentence(i18n, outcome), "error");
      else found(wanted.message);
    });
  };

  const stop = effect(() => {
    const wanted = view.wanted.value;
    const joined = room.membership.value.is === "joined";
    if (room.timeline.loaded.value) untracked(() => seek(wanted, joined));
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { roomKey } from "../../../protocol/rules";
import type { Room } from "../../../store/room";
import type { MessageRef } from "../../../store/timeline";
import { useApp } from "../../context/app-context";
import { sentence } from "../../i18n/errors/sentence";

/** How long a message that was sought is told from its neighbours. */
const SOUGHT_MS = 2_500;

/**
 * The message that a link, a search result or a quote leads to: taken from the address and from
 * `RoomViews.showMessage`, loaded, then handed to `show`. `sought` names its row for a moment.
 */
export function useWanted(room: Room, show: (key: string) => void): Signal<string | null> {
  const { client, i18n, router, toasts, views } = useApp();
  const view = views.of(room.key);
  const sought = useMemo(() => signal<string | null>(null), []);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const asked = useRef<object | null>(null);

  const link = router.message.value;
  useEffect(() => {
    if (link === null || roomKey(link.room) !== room.key) return;
    router.message.value = null;
    if (link.message !== null) views.showMessage(room.key, link.message);
  }, [link]);

  const found = (message: MessageRef) => {
    const entry = room.timeline.find(message);
    if (entry?.kind !== "message") {
      toasts.say(i18n.t("message.nowhere"), "error");
      return;
    }
    sought.value = entry.id;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      sought.value = null;
    }, SOUGHT_MS);
    show(entry.id);
  };

  const wanted = view.wanted.value;
  const joined = room.membership.value.is === "joined";
  const loaded = room.timeline.loaded.value;
  useEffect(() => {
    if (wanted === null || !loaded || asked.current === wanted) return;
    if (!joined && !room.timeline.holds(wanted.message)) return;
    asked.current = wanted;
    client.pager.around(room, wanted.message, (outcome) => {
      if (view.wanted.value !== wanted) return;
      asked.current = null;
      // Asked again when the room is entered again.
      if (typeof outcome === "object" && outcome.code === "disconnected") return;
      view.wanted.value = null;
      if (typeof outcome === "object") toasts.say(sentence(i18n, outcome), "error");
      else found(wanted.message);
    });
  }, [wanted, joined, loaded]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return sought;
}

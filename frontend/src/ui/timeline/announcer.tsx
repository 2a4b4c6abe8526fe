import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Arrival } from "../../sync/client";
import { useApp } from "../app-context";
import type { Room } from "../../store/room";
import { excerpt } from "./body/excerpt";

/** What comes within this is told together. */
const GATHER_MS = 700;
/** More than this many at once are summed up. */
const READ_OUT = 2;

/** Tells screen readers of new messages in the room on screen: politely, and never of history. */
export function Announcer({ room }: { room: Room | null }) {
  const { client, i18n } = useApp();
  const text = useSignal("");
  useEffect(() => {
    let gathered: Arrival[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const speak = () => {
      timer = undefined;
      const many = gathered.length > READ_OUT;
      text.value = many
        ? i18n.t("announce.many", { count: gathered.length, room: room?.name.value ?? "" })
        : gathered
            .map(({ message }) =>
              i18n.t("announce.message", {
                name: message.sender.name,
                body: excerpt(message.body ?? ""),
              }),
            )
            .join(" ");
      gathered = [];
    };
    const stop = client.arrivals.on((arrival) => {
      if (arrival.room !== room) return;
      gathered.push(arrival);
      timer ??= setTimeout(speak, GATHER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [room]);
  return (
    <div class="visually-hidden" aria-live="polite" data-testid="announcer">
      {text.value}
    </div>
  );
}

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { browserClock } from "../../../connection/ports";
import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import { messageSummary as saidIn } from "../../markdown/message-summary";
import { Announcements } from "./announcements";
import { timelineText } from "./strings";

/** Tells screen readers of new messages in the room on screen: politely, and never of history. */
export function Announcer({ room }: { room: Room | null }) {
  const { client, i18n } = useApp();
  // Two regions in turn: the same words twice in one would be no change, and not be read.
  const said = useSignal<readonly [string, string]>(["", ""]);
  useEffect(() => {
    const announcements = new Announcements(browserClock, {
      each: (messages) =>
        messages.map((each) => timelineText(i18n)("announce.message", { ...each })).join(" "),
      many: (count) => timelineText(i18n)("announce.many", { count, room: room?.name.value ?? "" }),
      say: (text) => (said.value = said.value[0] === "" ? [text, ""] : ["", text]),
    });
    const deafen = client.arrivals.on((arrival) => {
      if (arrival.room !== room) return;
      const { message } = arrival;
      announcements.heard({ name: message.sender.name, body: saidIn(message) });
    });
    return () => {
      deafen();
      announcements.stop();
    };
  }, [room]);
  return (
    <div class="visually-hidden" data-testid="announcer">
      <div aria-live="polite">{said.value[0]}</div>
      <div aria-live="polite">{said.value[1]}</div>
    </div>
  );
}

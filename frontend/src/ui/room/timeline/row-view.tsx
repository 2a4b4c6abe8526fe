import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import { estimate } from "./estimate";
import { MessageRow } from "./message";
import { RareRows } from "./parts";
import { isOutgoing } from "./rows";
import type { Row } from "./rows";

interface Props {
  row: Row;
  room: Room;
  meId: string;
  /** The keyboard is here. */
  current: boolean;
  /** Somebody asked to see it, just now. */
  sought: boolean;
}

/** A row and the space around it: its height is all that it takes. */
export function RowView({ row, room, meId, current, sought }: Props) {
  const app = useApp();
  const { i18n, client } = app;
  switch (row.kind) {
    case "start":
      return (
        <div class="row" data-key="start">
          <div class="log-start" data-testid="room-start">
            <h2>{i18n.t("log.start.title", { room: room.name.value })}</h2>
            <p>{i18n.t("log.start.lead")}</p>
          </div>
        </div>
      );
    case "day":
      return (
        <div class="row" data-key={row.key}>
          <div class="day" role="separator" data-testid="day">
            <span>{i18n.day(row.at, i18n.today.value)}</span>
          </div>
        </div>
      );
    case "divider":
      return (
        <div class="row" data-key="divider">
          <div class="divider" role="separator" data-testid="divider">
            <span>{i18n.t("log.new")}</span>
          </div>
        </div>
      );
    case "message":
      return (
        <div class="row" data-key={row.key} data-sought={sought}>
          <MessageRow
            app={app}
            room={room}
            me={meId}
            source={row.source}
            sender={row.sender}
            first={row.first}
            mine={row.sender.id === meId}
            current={current}
            times={i18n.times.value}
            offline={isOutgoing(row.source) && client.state.value.is !== "open"}
          />
        </div>
      );
    case "gone":
    case "note":
      return (
        <div class="row" data-key={row.key} data-sought={sought}>
          <RareRow row={row} room={room} />
        </div>
      );
  }
}

/** Its place is kept until what draws it is there. */
function RareRow({ row, room }: { row: Extract<Row, { kind: "gone" | "note" }>; room: Room }) {
  const app = useApp();
  const part = RareRows.get();
  if (part === null) return <div style={{ height: `${estimate(row, 0)}px` }} />;
  if (row.kind === "note") return <part.NoteRow app={app} room={room} entry={row.entry} />;
  const { entry, sender, first } = row;
  const waiting = entry.waiting === true;
  return (
    <part.TombstoneRow app={app} entry={entry} sender={sender} first={first} waiting={waiting} />
  );
}

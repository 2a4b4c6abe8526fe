import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { MessageRow } from "./message";
import { NoteRow } from "./note";
import { isOutgoing } from "./rows";
import type { Row } from "./rows";
import { TombstoneRow } from "./tombstone";

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
            <span>{i18n.day(row.at, Date.now())}</span>
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
            language={i18n.language.value}
            offline={isOutgoing(row.source) && client.state.value.is !== "open"}
          />
        </div>
      );
    case "gone":
      return (
        <div class="row" data-key={row.key} data-sought={sought}>
          <TombstoneRow
            app={app}
            entry={row.entry}
            sender={row.sender}
            first={row.first}
            waiting={row.entry.waiting === true}
          />
        </div>
      );
    case "note":
      return (
        <div class="row" data-key={row.key}>
          <NoteRow app={app} room={room} entry={row.entry} />
        </div>
      );
  }
}

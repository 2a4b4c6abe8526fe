import type { Pinning, TopicChange } from "../../protocol/generated";
import type { Room } from "../../store/room";
import type { App } from "../app-context";
import { Icon } from "../kit/icons";
import { laterText } from "./later-text";

export type NoteEntry = ({ kind: "topic" } & TopicChange) | ({ kind: "pin" } & Pinning);

/** What somebody did to the room, in a small line. */
export function NoteRow({ app, room, entry }: { app: App; room: Room; entry: NoteEntry }) {
  const { i18n } = app;
  const t = laterText(i18n);
  const { name } = entry.sender;
  return (
    <div class="note" data-seq={entry.seq} data-testid="note">
      <Icon name={entry.kind === "pin" ? "pin" : "pencil"} />
      {entry.kind === "pin" ? (
        <p>
          {t("note.pin", { name })}{" "}
          <button type="button" class="link" onClick={() => app.showMessage(room, entry.target)}>
            {t("note.pin.show")}
          </button>
        </p>
      ) : (
        <p>
          {entry.topic === ""
            ? t("note.topic.none", { name })
            : t("note.topic", { name, topic: entry.topic })}
        </p>
      )}
      <time dateTime={new Date(entry.at).toISOString()} title={i18n.dateTime(entry.at)}>
        {i18n.time(entry.at)}
      </time>
    </div>
  );
}

// Rows that most rooms show none of when they are opened.

import type { Pinning, TopicChange, Tombstone, User } from "../../../protocol/generated";
import type { Room } from "../../../store/room";
import type { App } from "../../context/app-context";
import { Icon } from "../../kit/icons";
import { timelineText } from "./strings";
import { Avatar } from "../../kit/avatar";

export type NoteEntry = ({ kind: "topic" } & TopicChange) | ({ kind: "pin" } & Pinning);

/** What somebody did to the room, in a small line. */
export function NoteRow({ app, room, entry }: { app: App; room: Room; entry: NoteEntry }) {
  const { i18n } = app;
  const t = timelineText(i18n);
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

interface TombstoneProps {
  app: App;
  entry: Tombstone;
  sender: User;
  first: boolean;
  waiting: boolean;
}

/** Where a message was that is gone: its place, and nothing of what it said. */
export function TombstoneRow({ app, entry, sender, first, waiting }: TombstoneProps) {
  const { i18n } = app;
  return (
    <div
      class="message gone"
      data-seq={entry.seq}
      data-first={first}
      data-waiting={waiting}
      data-testid="tombstone"
    >
      {first ? <Avatar user={sender} /> : <span class="gutter" />}
      <div class="message-main">
        {first && (
          <div class="message-head">
            <span class="author">{sender.name}</span>
            <time dateTime={new Date(entry.at).toISOString()} title={i18n.dateTime(entry.at)}>
              {i18n.time(entry.at)}
            </time>
          </div>
        )}
        <p class="gone-text">{i18n.t("message.deleted")}</p>
      </div>
    </div>
  );
}

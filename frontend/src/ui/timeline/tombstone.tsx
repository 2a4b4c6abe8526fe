import type { Tombstone, User } from "../../protocol/generated";
import type { App } from "../app-context";
import { Avatar } from "../kit/avatar";

interface Props {
  app: App;
  entry: Tombstone;
  sender: User;
  first: boolean;
  waiting: boolean;
}

/** Where a message was that is gone: its place, and nothing of what it said. */
export function TombstoneRow({ app, entry, sender, first, waiting }: Props) {
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

import { useEffect, useState } from "preact/hooks";
import type { Message } from "../../../protocol/generated";
import { aboutWith } from "../../../store/overlay";
import type { Room } from "../../../store/room";
import type { Failure } from "../../../connection/requests";
import { pinnedIn } from "../../../sync/queries";
import { useApp } from "../../context/app-context";
import { sentence } from "../../i18n/errors/sentence";
import { MessageFiles } from "../../features/files/file-parts";
import { Avatar } from "../../kit/avatar";
import { Dialog } from "../../kit/dialog";
import { IconButton } from "../../kit/icon-button";
import { MessageBody } from "../../markdown/message-body";
import { shownMessage } from "../actions/actions";
import { actionsText } from "../actions/strings";
import { headerText } from "./strings";

/** The pinned messages, the latest pinned first. */
export function PinnedPanel({ room, onClose }: { room: Room; onClose: () => void }) {
  const app = useApp();
  const { client, i18n } = app;
  const t = headerText(i18n);
  const [loaded, setLoaded] = useState<readonly Message[] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const mine = client.outbox.changes.value.filter((change) => change.roomKey === room.key);
  const { pins } = aboutWith(room.about.now.value, mine);
  const joined = room.membership.value.is === "joined";
  useEffect(() => {
    let here = true;
    if (joined) {
      pinnedIn(client, room, (outcome) => {
        if (!here) return;
        if (outcome.ok) setLoaded(outcome.frame.messages);
        setFailure(outcome.ok ? null : outcome.failure);
      });
    }
    return () => void (here = false);
  }, [joined, room.about.now.value.pins]);

  /** As the timeline shows it, where it is held: changes come there first. */
  const messageOf = (seq: number): Message | undefined =>
    shownMessage(app, room, seq) ?? loaded?.find((message) => message.seq === seq);
  const messages = pins.map(messageOf).filter((message) => message !== undefined);
  const waits = messages.length < pins.length && failure === null;
  return (
    <Dialog
      class="drawer right pinned"
      label={t("pinned.title")}
      testid="pinned-panel"
      onClose={onClose}
    >
      <div class="pinned-pane">
        <header class="pane-head">
          <h2>
            {t("pinned.title")} <span class="count">{i18n.number(pins.length)}</span>
          </h2>
          <IconButton label={t("pinned.close")} onClick={onClose} icon="close" />
        </header>
        {pins.length === 0 && <p class="quiet">{t("pinned.none")}</p>}
        {waits && <p class="quiet">{t("pinned.loading")}</p>}
        {failure !== null && messages.length < pins.length && (
          <p class="quiet" role="alert">
            {t("pinned.failed", { why: sentence(i18n, failure) })}
          </p>
        )}
        <ul>
          {messages.map((message) => (
            <li key={message.seq} class="pin" data-testid="pin" data-seq={message.seq}>
              <div class="message-head">
                <Avatar user={message.sender} small />
                <span class="author">{message.sender.name}</span>
                <time
                  dateTime={new Date(message.at).toISOString()}
                  title={i18n.dateTime(message.at)}
                >
                  {i18n.day(message.at, i18n.today.value)}
                </time>
              </div>
              <div class="pin-body">
                {message.body !== undefined && (
                  <MessageBody
                    text={message.body}
                    mentions={message.mentions ?? []}
                    me={client.identity.user.value?.id ?? null}
                  />
                )}
                {message.files !== undefined && <MessageFiles app={app} files={message.files} />}
              </div>
              <div class="pin-foot">
                <button
                  type="button"
                  class="link"
                  data-testid="pin-show"
                  onClick={() => {
                    onClose();
                    setTimeout(() => app.showMessage(room, message.seq));
                  }}
                >
                  {t("pinned.show")}
                </button>
                <button
                  type="button"
                  class="link"
                  data-testid="pin-remove"
                  onClick={() =>
                    client.change(room, { kind: "pin", target: message.seq, on: false })
                  }
                >
                  {actionsText(i18n)("action.unpin")}
                </button>
              </div>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}

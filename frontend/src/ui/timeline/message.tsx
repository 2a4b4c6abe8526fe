import { Component } from "preact";
import type { User } from "../../protocol/generated";
import type { Message } from "../../protocol/generated";
import { MAX_BODY_CHARS } from "../../protocol/generated";
import type { Delivery, Outgoing } from "../../store/outbox";
import { sentence } from "../app-context";
import type { App } from "../app-context";
import type { I18n } from "../i18n/i18n";
import { Avatar } from "../kit/avatar";
import { Icon } from "../kit/icons";
import { excerpt } from "./body/excerpt";
import { MessageBody } from "./body/message-body";
import { isOutgoing } from "./rows";

/** One and the same list: a new one would have the body read again. */
const NOBODY: readonly User[] = [];

interface Props {
  app: App;
  source: Message | Outgoing;
  sender: User;
  first: boolean;
  mine: boolean;
  /** The keyboard is here: the one message that Tab stops at. */
  current: boolean;
  /** Times change their form with it. */
  language: string;
  offline: boolean;
}

/** One message. Drawn again only when something about it changed: a room holds hundreds. */
export class MessageRow extends Component<Props> {
  override shouldComponentUpdate(next: Readonly<Props>): boolean {
    const now = this.props;
    return (
      next.source !== now.source ||
      next.first !== now.first ||
      next.mine !== now.mine ||
      next.current !== now.current ||
      next.language !== now.language ||
      next.offline !== now.offline
    );
  }

  override render({ app, source, sender, first, mine, current, offline }: Props) {
    const { i18n } = app;
    const delivery: Delivery | null = isOutgoing(source) ? source.delivery : null;
    const seq = isOutgoing(source) ? null : source.seq;
    const time = (
      <time dateTime={new Date(source.at).toISOString()} title={i18n.dateTime(source.at)}>
        {i18n.time(source.at)}
      </time>
    );
    return (
      <div
        class="message"
        role="article"
        aria-label={label(i18n, source, sender)}
        tabIndex={current ? 0 : -1}
        data-message-id={source.id}
        data-seq={seq ?? undefined}
        data-state={delivery?.is ?? "sent"}
        data-first={first}
        data-mine={mine}
        data-testid="message"
      >
        {first ? <Avatar user={sender} /> : <span class="gutter">{time}</span>}
        <div class="message-main">
          {first && (
            <div class="message-head">
              <span class="author" data-testid="author">
                {sender.name}
              </span>
              {time}
            </div>
          )}
          <MessageBody
            text={source.body ?? ""}
            mentions={isOutgoing(source) ? NOBODY : (source.mentions ?? NOBODY)}
            me={app.client.identity.user.value?.id ?? null}
          />
          {delivery?.is === "failed" && (
            <Failed app={app} id={source.id} code={delivery.code} message={delivery.message} />
          )}
        </div>
        {/* What can be done with a message stands here, behind its text: Tab leads on to it. */}
        {delivery?.is === "pending" && (
          <span
            class="pending"
            role="img"
            aria-label={i18n.t(offline ? "message.waiting" : "message.pending")}
            title={i18n.t(offline ? "message.waiting" : "message.pending")}
          >
            <Icon name="clock" />
          </span>
        )}
      </div>
    );
  }
}

/** What a screen reader says when the keyboard comes to a message. */
function label(i18n: I18n, source: Message | Outgoing, { name }: User): string {
  const body = excerpt(source.body ?? "", MAX_BODY_CHARS);
  const said = i18n.t("message.label", { name, body, time: i18n.time(source.at) });
  const failed = isOutgoing(source) && source.delivery.is === "failed";
  return failed ? `${i18n.t("message.failed")} ${said}` : said;
}

interface FailedProps {
  app: App;
  id: string;
  code: string;
  message: string;
}

function Failed({ app, id, code, message }: FailedProps) {
  const { i18n, client } = app;
  const why = sentence(i18n, { code: code as "other", message });
  return (
    <div class="failed" data-testid="failed" data-code={code}>
      <Icon name="alert" />
      <span title={message}>
        <strong>{i18n.t("message.failed")}</strong> {why}
      </span>
      <button type="button" class="link" data-testid="retry" onClick={() => client.retry(id)}>
        {i18n.t("message.retry")}
      </button>
      <button type="button" class="link" data-testid="discard" onClick={() => client.discard(id)}>
        {i18n.t("message.discard")}
      </button>
    </div>
  );
}

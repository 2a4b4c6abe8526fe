import { Component } from "preact";
import type { User, Quote } from "../../../protocol/generated";
import { MAX_BODY_CHARS } from "../../../protocol/generated";
import { mentions } from "../../../store/fold";
import { canRetry } from "../../../store/outbox";
import type { Delivery, PendingMessage } from "../../../store/outbox";
import type { ShownMessage } from "../../../store/overlay";
import type { Room } from "../../../store/room";
import type { App } from "../../context/app-context";
import type { I18n } from "../../i18n/i18n";
import { Avatar } from "../../kit/avatar";
import { MessageFiles, Waiting } from "../../features/files/file-parts";
import { Icon } from "../../kit/icons";
import { Lazy } from "../../kit/lazy";
import { Part } from "../../context/part";
import { Failed, Reactions } from "./parts";
import { isSignificant } from "../../markdown/detect";
import { MessageBody } from "../../markdown/message-body";
import { MessageTools } from "../actions/message-tools";
import { isOutgoing } from "./rows";

/** Takes the markup out of a text: loaded with the first one that may have some. */
const excerpts = new Lazy(() => import("../../markdown/excerpt"));
type Excerpts = typeof import("../../markdown/excerpt");

/** A text on one line; with its markup while what takes that out is on its way. */
function plain(text: string, read: (reader: Excerpts) => string): string {
  const reader = isSignificant(text) ? excerpts.get() : null;
  return reader === null ? text.replace(/\s+/g, " ").trim() : read(reader);
}

/** One and the same list: a new one would have the body read again. */
const NOBODY: readonly User[] = [];

interface Props {
  app: App;
  room: Room;
  source: ShownMessage | PendingMessage;
  sender: User;
  first: boolean;
  mine: boolean;
  /** The keyboard is here: the one message that Tab stops at. */
  current: boolean;
  /** The reader's id. */
  me: string;
  /** How times are written. */
  times: string;
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
      next.me !== now.me ||
      next.times !== now.times ||
      next.offline !== now.offline
    );
  }

  override render({ app, room, source, sender, first, mine, me, current, offline }: Props) {
    const { i18n } = app;
    const delivery: Delivery | null = isOutgoing(source) ? source.delivery : null;
    const logged = isOutgoing(source) ? null : source;
    const seq = logged?.seq ?? null;
    const edited = logged?.edited;
    const reactions = logged?.reactions ?? [];
    const sending = offline ? "message.waiting" : "message.pending";
    const waits = i18n.t(logged === null ? sending : "message.changing");
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
        data-mentions={!mine && mentions(source, me)}
        data-waiting={logged?.waiting === true}
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
          {source.reply_to !== undefined && (
            <QuoteLine app={app} room={room} quote={source.reply_to} />
          )}
          <div class="said" data-edited={edited !== undefined}>
            {(source.body ?? "") !== "" && (
              <MessageBody text={source.body ?? ""} mentions={source.mentions ?? NOBODY} me={me} />
            )}
            {edited !== undefined && <Edited app={app} at={edited.at} />}
          </div>
          {source.files !== undefined && <MessageFiles app={app} files={source.files} />}
          {delivery?.is === "pending" && delivery.uploading === true && <Waiting id={source.id} />}
          {delivery?.is === "failed" && isOutgoing(source) && (
            <Part
              part={Failed}
              props={{
                app,
                id: source.id,
                code: delivery.code,
                message: delivery.message,
                again: canRetry(source),
              }}
              quiet
            />
          )}
          {seq !== null && reactions.length > 0 && (
            <Part part={Reactions} props={{ app, room, seq, reactions, me }} quiet />
          )}
        </div>
        {seq !== null && <MessageTools app={app} room={room} seq={seq} id={source.id} />}
        {(delivery?.is === "pending" || logged?.waiting === true) && (
          <span class="pending" role="img" aria-label={waits} title={waits}>
            <Icon name="clock" />
          </span>
        )}
      </div>
    );
  }
}

/** What a screen reader says when the keyboard comes to a message. */
function label(i18n: I18n, source: ShownMessage | PendingMessage, { name }: User): string {
  const { body: said = "", files = [] } = source;
  const body =
    said === ""
      ? files.map((file) => file.name).join(", ")
      : plain(said, (reader) => reader.excerpt(said, MAX_BODY_CHARS));
  const text = i18n.t("message.label", { name, body, time: i18n.time(source.at) });
  const failed = isOutgoing(source) && source.delivery.is === "failed";
  return failed ? `${i18n.t("message.failed")} ${text}` : text;
}

function Edited({ app, at }: { app: App; at: number }) {
  const { i18n } = app;
  return (
    <span
      class="edited"
      title={i18n.t("message.edited.at", { time: i18n.dateTime(at) })}
      data-testid="edited"
    >
      {i18n.t("message.edited")}
    </span>
  );
}

interface QuoteProps {
  app: App;
  room: Room;
  quote: Quote;
}

/** The message that this one answers, in a line; a click goes there. */
function QuoteLine({ app, room, quote }: QuoteProps) {
  const { t } = app.i18n;
  const { sender, seq, deleted } = quote;
  const { excerpt } = quote;
  const said =
    excerpt === undefined ? t("quote.files") : plain(excerpt, (reader) => reader.quoted(excerpt));
  const text = deleted === true ? t("message.deleted") : said;
  return (
    <button
      type="button"
      class="quote"
      data-testid="quote"
      data-target={seq}
      data-deleted={deleted === true}
      aria-label={t("quote.label", { name: sender.name, body: text })}
      title={t("quote.show")}
      onClick={() => app.showMessage(room, seq)}
    >
      <Icon name="reply" />
      <span class="quote-author">{sender.name}</span>
      <span class="quote-text" dir="auto">
        {text}
      </span>
    </button>
  );
}

// What the log shows at times: nothing yet, the way back down, a message that was not sent.

import { useApp } from "../../context/app-context";
import type { App } from "../../context/app-context";
import type { I18n } from "../../i18n/i18n";
import { MAX_UNREAD } from "../../../protocol/generated";
import type { Room } from "../../../store/room";
import { IconButton } from "../../kit/icon-button";
import type { LogController } from "./log-controller";
import type { News } from "./reading";
import { timelineText } from "./strings";
import { FloorArt } from "../../kit/floor-art";
import { AnyIcon } from "../../kit/more-icons";
import { FILES_LOST } from "../../../store/outbox";
import { sentence } from "../../i18n/errors/sentence";

/** A room in which nothing was said yet. */
export function Empty({ room }: { room: string }) {
  const t = timelineText(useApp().i18n);
  return (
    <div class="empty" data-testid="room-empty">
      <FloorArt />
      <h2>{t("log.empty.title", { room })}</h2>
      <p>{t("log.empty.lead")}</p>
    </div>
  );
}

interface JumpProps {
  unread: number;
  onClick: () => void;
  /** By the keyboard, which has to be somewhere when this is gone. */
  onKey: () => void;
}

/** The way back to the newest messages, and how many of them are new. */
export function Jump({ unread, onClick, onKey }: JumpProps) {
  const t = timelineText(useApp().i18n);
  const many = t("log.jump.new", { count: unread });
  return (
    <button
      type="button"
      class="jump"
      data-testid="jump"
      data-new={unread > 0}
      aria-label={unread > 0 ? `${many}. ${t("log.jump")}` : t("log.jump")}
      onClick={(event) => (event.detail === 0 ? onKey() : onClick())}
    >
      {unread > 0 && <span>{many}</span>}
      <AnyIcon name="down" />
    </button>
  );
}

/** Beyond this nobody counts, here as on the server. */
const upTo = (count: number) => (count < MAX_UNREAD ? count : `${MAX_UNREAD}+`);

interface NewsProps {
  room: Room;
  news: News;
  log: Pick<LogController, "toNews" | "toNewest" | "keyboardToNewest" | "up">;
}

/** What is unread beyond the screen: leads to where it begins, or ends it. */
export function NewsBar({ room, news: { count, since }, log }: NewsProps) {
  const app = useApp();
  const t = timelineText(app.i18n);
  const params = { count: upTo(count), time: since === null ? "" : sinceText(app.i18n, since) };
  return (
    <div class="news" data-testid="news" data-count={count}>
      <button type="button" class="news-count" data-testid="news-first" onClick={log.toNews}>
        {t(since === null ? "news" : "news.since", params)}
      </button>
      <button
        type="button"
        class="news-read"
        data-testid="news-read"
        onClick={() => {
          app.views.of(room.key).divider.clear();
          room.read.mark(room.timeline.head.value);
        }}
      >
        {t("news.read")}
      </button>
      {log.up.value && (
        <IconButton
          class="small"
          label={t("log.jump")}
          data-testid="news-jump"
          onClick={(event) => (event.detail === 0 ? log.keyboardToNewest() : log.toNewest())}
        >
          <AnyIcon name="down" />
        </IconButton>
      )}
    </div>
  );
}

/** A time of today, or one with its day. */
function sinceText(i18n: I18n, at: number): string {
  if (new Date(at).toDateString() === new Date(i18n.today.value).toDateString())
    return i18n.time(at);
  return new Intl.DateTimeFormat(i18n.language.value, {
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
  }).format(at);
}

interface FailedProps {
  app: App;
  id: string;
  code: string;
  message: string;
  again: boolean;
}

/** Why a message was not sent, and what can be done about it. */
export function Failed({ app, id, code, message, again }: FailedProps) {
  const { i18n, client } = app;
  const t = timelineText(i18n);
  const why = sentence(i18n, { code: code as "other", message });
  return (
    <div class="failed" data-testid="failed" data-code={code}>
      <AnyIcon name="alert" />
      <span title={message}>
        <strong>{i18n.t("message.failed")}</strong> {why}
      </span>
      {again && (
        <button type="button" class="link" data-testid="retry" onClick={() => client.retry(id)}>
          {t(code === FILES_LOST ? "message.retry.text" : "message.retry")}
        </button>
      )}
      <button type="button" class="link" data-testid="discard" onClick={() => client.discard(id)}>
        {t("message.discard")}
      </button>
    </div>
  );
}

import type { Quote } from "../../protocol/generated";
import type { Room } from "../../store/room";
import type { App } from "../app-context";
import { Icon } from "../kit/icons";
import { quoted } from "./body/excerpt";

interface Props {
  app: App;
  room: Room;
  quote: Quote;
}

/** The message that this one answers, in a line; a click goes there. */
export function QuoteLine({ app, room, quote }: Props) {
  const { t } = app.i18n;
  const { sender, seq, deleted } = quote;
  const said = quote.excerpt === undefined ? t("quote.files") : quoted(quote.excerpt);
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

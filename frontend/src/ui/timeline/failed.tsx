import { FILES_LOST } from "../../store/outbox";
import type { App } from "../app-context";
import { sentence } from "../i18n/sentence";
import { AnyIcon } from "../kit/later-icons";
import { laterText } from "./later-text";

interface Props {
  app: App;
  id: string;
  code: string;
  message: string;
  again: boolean;
}

/** Why a message was not sent, and what can be done about it. */
export function Failed({ app, id, code, message, again }: Props) {
  const { i18n, client } = app;
  const t = laterText(i18n);
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

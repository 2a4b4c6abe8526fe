import { useApp } from "../../context/app-context";
import { IconButton } from "../../kit/icon-button";
import { Icon } from "../../kit/icons";
import { quoted } from "../../markdown/excerpt";
import type { Composing } from "../../context/room-ui";
import { composerText } from "./strings";
import type { Room } from "../../../store/room";

interface Props {
  room: Room;
  composing: Exclude<Composing, { is: "new" }>;
  onCancel: () => void;
}

/** Above the message box: what is answered, or that a message is being edited. */
export function ComposeBar({ room, composing, onCancel }: Props) {
  const app = useApp();
  const t = composerText(app.i18n);
  const reply = composing.is === "reply";
  const seq = reply ? composing.to.seq : composing.seq;
  const title = reply ? t("reply.to", { name: composing.to.sender.name }) : t("edit.title");
  const text = reply ? quoted(composing.to.excerpt ?? "") : t("edit.hint");
  return (
    <div class="compose-bar" data-is={composing.is} data-testid="compose-bar" data-target={seq}>
      <Icon name={reply ? "reply" : "pencil"} />
      <button
        type="button"
        class="compose-target"
        title={app.i18n.t("quote.show")}
        onClick={() => app.showMessage(room, seq)}
      >
        <strong>{title}</strong>
        <span class="compose-text" dir="auto">
          {text}
        </span>
      </button>
      <IconButton
        class="small"
        label={t(reply ? "reply.cancel" : "edit.cancel")}
        data-testid="compose-cancel"
        onClick={onCancel}
        icon="close"
      />
    </div>
  );
}

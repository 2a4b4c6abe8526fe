import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import { excerpt } from "../../markdown/excerpt";
import { Dialog } from "../../kit/dialog";
import { shownMessage } from "./actions";
import { actionsText } from "./strings";

interface Props {
  room: Room;
  seq: number;
  onClose: () => void;
}

/** Asks once: what is deleted is gone for everyone. */
export function DeleteDialog({ room, seq, onClose }: Props) {
  const app = useApp();
  const t = actionsText(app.i18n);
  const message = shownMessage(app, room, seq);
  const submit = (event: Event) => {
    event.preventDefault();
    onClose();
    app.client.change(room, { kind: "delete", target: seq });
  };
  return (
    <Dialog class="dialog" label={t("delete.title")} testid="delete-dialog" onClose={onClose}>
      <h1>{t("delete.title")}</h1>
      <p class="lead">{t("delete.lead")}</p>
      {message?.body !== undefined && <p class="preview">{excerpt(message.body)}</p>}
      <form onSubmit={submit}>
        <div class="buttons">
          <button type="button" class="button" data-testid="delete-cancel" onClick={onClose}>
            {t("delete.cancel")}
          </button>
          <button type="submit" class="button danger" data-autofocus data-testid="delete-submit">
            {t("delete.submit")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

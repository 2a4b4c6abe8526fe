import { useApp } from "../app-context";
import { Icon } from "./icons";

/** A dialog's title, and the button that closes it. */
export function DialogHead({ title, close }: { title: string; close: () => void }) {
  const { i18n } = useApp();
  return (
    <header class="dialog-head">
      <h1>{title}</h1>
      <button type="button" class="icon-button" aria-label={i18n.t("dialog.close")} onClick={close}>
        <Icon name="close" />
      </button>
    </header>
  );
}

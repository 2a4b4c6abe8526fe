import { useApp } from "../app-context";
import { IconButton } from "./icon-button";

/** A dialog's title, and the button that closes it. */
export function DialogHead({ title, close }: { title: string; close: () => void }) {
  const { i18n } = useApp();
  return (
    <header class="dialog-head">
      <h1>{title}</h1>
      <IconButton label={i18n.t("dialog.close")} onClick={close} icon="close" />
    </header>
  );
}

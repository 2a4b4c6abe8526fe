import { useApp } from "../app-context";
import { AnyIcon } from "../kit/later-icons";
import { laterText } from "./later-text";

interface Props {
  unread: number;
  onClick: () => void;
  /** By the keyboard, which has to be somewhere when this is gone. */
  onKey: () => void;
}

/** The way back to the newest messages, and how many of them are new. */
export function Jump({ unread, onClick, onKey }: Props) {
  const t = laterText(useApp().i18n);
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

import { useApp } from "../app-context";
import { Icon } from "../kit/icons";

/** The way back to the newest messages, and how many of them are new. */
export function Jump({ unread, onClick }: { unread: number; onClick: () => void }) {
  const { t } = useApp().i18n;
  const many = t("log.jump.new", { count: unread });
  return (
    <button
      type="button"
      class="jump"
      data-testid="jump"
      data-new={unread > 0}
      aria-label={unread > 0 ? `${many}. ${t("log.jump")}` : t("log.jump")}
      onClick={onClick}
    >
      {unread > 0 && <span>{many}</span>}
      <Icon name="down" />
    </button>
  );
}

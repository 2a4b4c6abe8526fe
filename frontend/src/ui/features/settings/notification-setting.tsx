import { useApp } from "../../context/app-context";
import { settingsText } from "./strings";
import { Choice } from "../../kit/choice";
import { permissionOf } from "../notifications/permission";
import { NOTIFICATION_LEVELS } from "../../context/preferences";

/** What to be told of. The browser's own question comes with the click that needs its answer. */
export function NotificationSetting() {
  const app = useApp();
  const { i18n, preferences } = app;
  const permission = permissionOf(app);
  const t = settingsText(i18n);
  const { chosen } = preferences.notifications;
  const allowed = permission.state.value;
  const wanted = chosen.value !== "none";
  // What can't work is said before it is wished for, the rest when it is.
  const hint = allowed === "unsupported" || (wanted && allowed !== "granted") ? allowed : "lead";
  return (
    <>
      <Choice
        legend={t("settings.notifications")}
        name="notifications"
        options={NOTIFICATION_LEVELS.map((value) => ({
          value,
          label: t(`settings.notifications.${value}`),
        }))}
        value={chosen.value}
        choose={(level) => {
          preferences.notifications.choose(level);
          if (level !== "none") void permission.ask();
        }}
        describedBy="notification-hint"
      />
      <p
        id="notification-hint"
        class="setting-hint"
        role="status"
        data-testid="notification-hint"
        data-state={allowed}
      >
        {t(`settings.notifications.${hint}`)}
        {hint === "default" && (
          <button type="button" class="link" onClick={() => void permission.ask()}>
            {t("settings.notifications.allow")}
          </button>
        )}
      </p>
    </>
  );
}

import { useApp } from "../../context/app-context";
import { LANGUAGE_NAMES, LANGUAGES } from "../../i18n/i18n";
import { settingsText } from "./strings";
import { Avatar } from "../../kit/avatar";
import { Choice } from "../../kit/choice";
import { Dialog, DialogHead } from "../../kit/dialog";
import { DENSITIES } from "../../context/preferences";
import { THEMES } from "../../context/theme";
import { NotificationSetting } from "./notification-setting";

export function SettingsDialog() {
  const { client, i18n, theme, preferences, surfaces } = useApp();
  const t = settingsText(i18n);
  const me = client.identity.user.value;
  const server = client.server.value;
  const { density } = preferences;
  return (
    <Dialog
      class="dialog settings-dialog"
      label={t("settings.title")}
      testid="settings-dialog"
      onClose={() => surfaces.close()}
    >
      <DialogHead
        title={t("settings.title")}
        closeLabel={t("settings.close")}
        close={() => surfaces.close()}
      />
      {me !== null && (
        <div class="setting-me">
          <Avatar user={me} />
          <span class="person-name">{me.name}</span>
          <button
            type="button"
            class="button"
            data-testid="rename"
            onClick={() => surfaces.show("rename")}
          >
            {t("settings.rename")}
          </button>
        </div>
      )}
      <NotificationSetting />
      <Choice
        legend={t("settings.language")}
        name="language"
        options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value], lang: value }))}
        value={i18n.language.value}
        choose={(language) => i18n.choose(language)}
      />
      <Choice
        legend={t("settings.theme")}
        name="theme"
        options={THEMES.map((value) => ({ value, label: t(`settings.theme.${value}`) }))}
        value={theme.chosen.value}
        choose={(name) => theme.choose(name)}
      />
      <Choice
        legend={t("settings.density")}
        name="density"
        options={DENSITIES.map((value) => ({ value, label: t(`settings.density.${value}`) }))}
        value={density.chosen.value}
        choose={(value) => density.choose(value)}
      />
      <button
        type="button"
        class="button setting-shortcuts"
        data-testid="open-shortcuts"
        onClick={() => surfaces.show("shortcuts")}
      >
        {t("settings.shortcuts")}
      </button>
      {server !== null && (
        <p class="setting-server">
          {t("settings.server")}: {server.name} {server.version}
        </p>
      )}
    </Dialog>
  );
}

import { useApp } from "../app-context";
import { LANGUAGE_NAMES, LANGUAGES } from "../i18n/i18n";
import { Avatar } from "../kit/avatar";
import { Dialog } from "../kit/dialog";
import { Icon } from "../kit/icons";
import { THEMES } from "./theme";

interface ChoiceProps<T extends string> {
  legend: string;
  name: string;
  options: readonly { value: T; label: string; lang?: string }[];
  value: T;
  choose: (value: T) => void;
}

/** A few options side by side; radio buttons to the keyboard and to screen readers. */
function Choice<T extends string>({ legend, name, options, value, choose }: ChoiceProps<T>) {
  return (
    <fieldset class="choice" data-testid={name}>
      <legend>{legend}</legend>
      <div class="segments">
        {options.map((option) => (
          <label key={option.value} {...(option.lang === undefined ? {} : { lang: option.lang })}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => choose(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function SettingsDialog() {
  const { client, i18n, theme, surfaces } = useApp();
  const { t } = i18n;
  const me = client.identity.user.value;
  const server = client.server.value;
  return (
    <Dialog
      class="dialog settings-dialog"
      label={t("settings.title")}
      testid="settings-dialog"
      onClose={() => surfaces.close()}
    >
      <header class="dialog-head">
        <h1>{t("settings.title")}</h1>
        <button
          type="button"
          class="icon-button"
          aria-label={t("settings.close")}
          onClick={() => surfaces.close()}
        >
          <Icon name="close" />
        </button>
      </header>
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
      {server !== null && (
        <p class="setting-server">
          {t("settings.server")}: {server.name} {server.version}
        </p>
      )}
    </Dialog>
  );
}

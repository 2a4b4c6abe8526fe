import type { I18n } from "../i18n/i18n";
import { Logo } from "../kit/icons";
import { fatalText } from "./text";

interface Props {
  i18n: I18n;
  why: "missing" | "broken";
  detail: string;
  /** What the file should look like. */
  example: string;
}

/** The page can't even start: say why, and who can mend it. */
export function Fatal({ i18n, why, detail, example }: Props) {
  const t = fatalText(i18n);
  return (
    <main class="fatal" data-testid="fatal">
      <Logo />
      <h1>{t("fatal.title")}</h1>
      <p role="alert">{t(`fatal.config.${why}`, { detail, example })}</p>
      <button type="button" class="button primary" onClick={() => location.reload()}>
        {t("fatal.retry")}
      </button>
    </main>
  );
}

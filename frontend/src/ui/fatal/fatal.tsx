import type { I18n } from "./i18n/i18n";
import { Logo } from "./kit/icons";

/** The page can't even start: say why, and who can mend it. */
export function Fatal({ i18n, message }: { i18n: I18n; message: string }) {
  return (
    <main class="fatal" data-testid="fatal">
      <Logo />
      <h1>{i18n.t("fatal.title")}</h1>
      <p role="alert">{message}</p>
      <button type="button" class="button primary" onClick={() => location.reload()}>
        {i18n.t("fatal.retry")}
      </button>
    </main>
  );
}

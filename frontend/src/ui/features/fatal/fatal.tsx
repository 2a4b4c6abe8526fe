import type { I18n } from "../../i18n/i18n";
import { Logo } from "../../kit/icons";
import { translated } from "../../i18n/i18n";
import { en } from "./strings.en";
import { ko } from "./strings.ko";

const fatalText = translated({ ko, en });

/** What is wrong with `config.json`. */
export type Wrong = "missing" | "json" | "object" | "text" | "relative" | "address" | "scheme";

interface Props {
  i18n: I18n;
  why: Wrong;
  detail: string;
}

/** What the file should look like. */
export const EXAMPLE = '{ "server": "wss://chat.example.org/ws" }';

/** The page can't even start: say why, and who can mend it. */
export function Fatal({ i18n, why, detail }: Props) {
  const t = fatalText(i18n);
  const reason =
    why === "missing"
      ? t("fatal.config.missing", { detail })
      : t("fatal.config.broken", {
          detail: t(`fatal.${why}`, { given: detail }),
          example: EXAMPLE,
        });
  return (
    <main class="fatal" data-testid="fatal">
      <Logo />
      <h1>{t("fatal.title")}</h1>
      <p role="alert">{reason}</p>
      <button type="button" class="button primary" onClick={() => location.reload()}>
        {t("fatal.retry")}
      </button>
    </main>
  );
}

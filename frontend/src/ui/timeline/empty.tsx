import { useApp } from "../app-context";
import { laterText } from "./later-text";

/** A room in which nothing was said yet. */
export function Empty({ room }: { room: string }) {
  const t = laterText(useApp().i18n);
  return (
    <div class="empty" data-testid="room-empty">
      <FloorArt />
      <h2>{t("log.empty.title", { room })}</h2>
      <p>{t("log.empty.lead")}</p>
    </div>
  );
}

/** Boards in the afternoon light. */
export function FloorArt() {
  return (
    <svg class="floor-art" viewBox="0 0 200 88" aria-hidden="true" focusable="false">
      <path class="board a" d="M44 8h70l-4 22H38z" />
      <path class="board b" d="M118 8h38l6 22h-48z" />
      <path class="board c" d="M37 33h34l-5 24H30z" />
      <path class="board a" d="M75 33h88l6 24H70z" />
      <path class="board b" d="M29 60h73l-2 26H21z" />
      <path class="board c" d="M106 60h64l8 26h-74z" />
    </svg>
  );
}

import type { Room } from "../../store/room";
import { useApp } from "../context/app-context";
import { sentence } from "../i18n/errors/sentence";
import { FloorArt } from "../kit/floor-art";
import { roomText } from "./strings";

/** Why a room can't be entered, and what can be done instead. */
export function Refused({ room, code, message }: { room: Room; code: string; message: string }) {
  const { client, i18n, surfaces, router } = useApp();
  const t = roomText(i18n);
  const name = room.name.value;
  const kind = code === "room_not_found" || code === "name_taken" ? code : "other";
  const lead =
    kind === "other"
      ? sentence(i18n, { code: code as "other", message })
      : t(`refused.${kind}.lead`, { room: name });
  return (
    <div class="empty grow" data-testid="refused" data-code={code}>
      <FloorArt />
      <h2>{t(`refused.${kind}.title`, { room: name })}</h2>
      <p>{lead}</p>
      <div class="buttons">
        <button
          type="button"
          class="button"
          onClick={() => {
            client.membership.drop(room);
            router.replace(null);
          }}
        >
          {t("refused.back")}
        </button>
        {kind === "room_not_found" && (
          <button
            type="button"
            class="button primary"
            data-testid="create-here"
            onClick={() => surfaces.create(name)}
          >
            {t("refused.create", { room: name })}
          </button>
        )}
        {kind === "name_taken" && (
          <button type="button" class="button primary" onClick={() => surfaces.show("rename")}>
            {t("refused.rename")}
          </button>
        )}
        {kind === "other" && (
          <button type="button" class="button primary" onClick={() => client.membership.join(room)}>
            {t("refused.retry")}
          </button>
        )}
      </div>
    </div>
  );
}

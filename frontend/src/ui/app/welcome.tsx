import { useApp } from "../context/app-context";
import { Icon } from "../kit/icons";
import { FloorArt } from "../kit/floor-art";
import { hashOf } from "../context/address";
import { sidebarText } from "../sidebar/strings";
import { appText } from "./strings";

/** As many as fit without scrolling. */
const SHOWN = 6;

/** No room is open: a few to enter, or the first one to make. */
export function Welcome() {
  const { client, i18n, surfaces } = useApp();
  const { t } = i18n;
  const say = appText(i18n);
  const me = client.identity.user.value;
  const rooms = client.directory.rooms.value.slice(0, SHOWN);
  const nothing = client.directory.loaded.value && rooms.length === 0;
  return (
    <div class="empty grow welcome" data-testid="welcome">
      <FloorArt />
      {me !== null && <h1>{say("welcome.title", { name: me.name })}</h1>}
      <p>{say(nothing ? "welcome.first" : "welcome.lead")}</p>
      {rooms.length > 0 && (
        <ul class="cards">
          {rooms.map((info) => (
            <li key={info.room}>
              <a class="card" href={hashOf(info.room)}>
                <strong>{info.room}</strong>
                <span>{sidebarText(i18n)("rooms.people", { count: info.members })}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
      <button type="button" class="button primary" onClick={() => surfaces.create()}>
        <Icon name="plus" />
        {t("rooms.new")}
      </button>
    </div>
  );
}

import type { Room } from "../../store/room";
import { useApp } from "../context/app-context";
import { Avatar } from "../kit/avatar";
import { IconButton } from "../kit/icon-button";
import { roomText } from "./strings";
import { timelineText } from "./timeline/strings";

/** Who is here: everybody, or in a large room a count and some of them. */
export function PeoplePane({ room, onClose }: { room: Room; onClose?: () => void }) {
  const { client, i18n } = useApp();
  const { t } = i18n;
  const me = client.identity.user.value;
  const { roster } = room;
  const users = roster.users.value;
  return (
    <div class="people-pane" data-testid="people">
      <header class="pane-head">
        <h2>
          {t("room.people")} {/* One is there oneself: 0 is not known yet. */}
          {roster.count.value > 0 && <span class="count">{i18n.number(roster.count.value)}</span>}
        </h2>
        {onClose !== undefined && (
          <IconButton label={t("room.people.hide")} onClick={onClose} icon="close" />
        )}
      </header>
      {/* It scrolls, and F6 comes here. */}
      <ul tabIndex={0} aria-label={t("room.people")}>
        {users.map((user) => (
          <li key={user.id} class="person" data-testid="person" data-user={user.id}>
            <Avatar user={user} small />
            <span class="person-name">{user.name}</span>
            {user.id === me?.id && <span class="you">{timelineText(i18n)("room.you")}</span>}
          </li>
        ))}
      </ul>
      {!roster.complete.value && (
        <p class="quiet">
          {roomText(i18n)("room.sample", { shown: users.length, count: roster.count.value })}
        </p>
      )}
    </div>
  );
}

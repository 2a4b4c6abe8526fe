import { roomKey } from "../../protocol/rules";
import type { Room } from "../../store/room";
import { useApp } from "../context/app-context";
import { Icon } from "../kit/icons";
import { hashOf } from "../context/address";

/** A room that one is in, with what is unread of it. */
export function RoomItem({ room }: { room: Room }) {
  const { client, router, surfaces, i18n } = useApp();
  const name = room.name.value;
  const current = router.room.value !== null && roomKey(router.room.value) === room.key;
  const unread = current ? 0 : room.read.count.value;
  const mentions = current ? 0 : room.read.mentions.value;
  return (
    <li>
      <a
        class="room-item"
        href={hashOf(name)}
        data-room={name}
        data-testid="room-item"
        data-unread={unread > 0}
        data-membership={room.membership.value.is}
        aria-current={current ? "page" : undefined}
        onClick={() => surfaces.close()}
      >
        <span class="room-mark" aria-hidden="true" />
        <span class="room-name">{name}</span>
        {!current && client.drafts.has(room.key) && (
          <span class="draft-mark" data-testid="draft" title={i18n.t("rooms.draft")}>
            <Icon name="pencil" />
            <span class="visually-hidden">{i18n.t("rooms.draft")}</span>
          </span>
        )}
        {mentions > 0 && (
          <span class="badge" data-mentions="true" data-testid="mentions">
            <span aria-hidden="true">@{mentions > 99 ? "99+" : mentions}</span>
            <span class="visually-hidden">{i18n.t("rooms.mentions", { count: mentions })}</span>
          </span>
        )}
        {unread > 0 && (
          <span class="badge" data-testid="unread">
            <span aria-hidden="true">{unread > 99 ? "99+" : unread}</span>
            <span class="visually-hidden">{i18n.t("rooms.unread", { count: unread })}</span>
          </span>
        )}
      </a>
    </li>
  );
}

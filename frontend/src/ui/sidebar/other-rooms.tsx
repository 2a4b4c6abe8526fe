import type { RoomInfo } from "../../protocol/generated";
import { furtherRooms } from "../../sync/further-rooms";
import { hashOf } from "../context/address";
import { useApp } from "../context/app-context";
import { sidebarText } from "./strings";

/** The rooms that one is not in, and the way to more of them. */
export function OtherRooms({ rooms }: { rooms: readonly RoomInfo[] }) {
  const { client, i18n } = useApp();
  return (
    <>
      {rooms.length === 0 ? (
        <p class="quiet">{sidebarText(i18n)("rooms.none.all")}</p>
      ) : (
        <ul>
          {rooms.map((info) => (
            <DirectoryItem key={info.room} info={info} />
          ))}
        </ul>
      )}
      <MoreRooms more={client.directory.more.value} />
    </>
  );
}

/** One to enter. */
export function DirectoryItem({ info }: { info: RoomInfo }) {
  const { surfaces, i18n } = useApp();
  return (
    <li>
      <a
        class="room-item"
        href={hashOf(info.room)}
        data-room={info.room}
        data-testid="directory-item"
        onClick={() => surfaces.close()}
      >
        <span class="room-mark" aria-hidden="true" />
        <span class="room-name">{info.room}</span>
        {info.members > 0 && (
          <span class="room-count" data-testid="directory-members">
            {sidebarText(i18n)("rooms.people", { count: info.members })}
          </span>
        )}
      </a>
    </li>
  );
}

/** Lists more of the rooms, or of those that were found. */
export function MoreRooms({ more }: { more: string | null }) {
  const { client, i18n } = useApp();
  if (more === null) return null;
  return (
    <button
      type="button"
      class="offer"
      data-testid="more-rooms"
      onClick={() => furtherRooms(client.watcher)}
    >
      <span>{sidebarText(i18n)("rooms.more")}</span>
    </button>
  );
}

import { checkRoomName } from "../../protocol/name-rules";
import { roomKey } from "../../protocol/rules";
import { useApp } from "../context/app-context";
import { Icon } from "../kit/icons";
import { myRooms } from "../../store/room";
import { DirectoryItem, MoreRooms } from "./other-rooms";
import { RoomItem } from "./room-item";
import { sidebarText } from "./strings";

/** The rooms whose name has these letters, and the way to make one of this name. */
export function FoundRooms({ query }: { query: string }) {
  const { client, i18n, surfaces } = useApp();
  const t = sidebarText(i18n);
  const wanted = roomKey(query);
  const mine = myRooms(client.membership.rooms.value);
  const local = mine.filter((room) => room.key.includes(wanted));
  const known = new Set(mine.map((room) => room.key));
  const listed = client.directory.found.value ?? client.directory.rooms.value;
  const found = listed.filter((info) => {
    const key = roomKey(info.room);
    return key.includes(wanted) && !known.has(key);
  });
  const exact = known.has(wanted) || listed.some((info) => roomKey(info.room) === wanted);
  const checked = checkRoomName(query);
  return (
    <section data-testid="directory">
      <h2>{t("rooms.found")}</h2>
      <ul>
        {local.map((room) => (
          <RoomItem key={room.key} room={room} />
        ))}
        {found.map((info) => (
          <DirectoryItem key={info.room} info={info} />
        ))}
      </ul>
      <MoreRooms more={client.directory.foundMore.value} />
      {local.length + found.length === 0 && client.directory.foundMore.value === null && (
        <p class="quiet" data-testid="none-found">
          {t(checked.ok ? "rooms.none.found.lead" : "rooms.none.found")}
        </p>
      )}
      {checked.ok && !exact && (
        <button
          type="button"
          class="offer"
          data-testid="create-offer"
          onClick={() => surfaces.create(checked.value)}
        >
          <Icon name="plus" />
          <span>{t("create.offer", { room: checked.value })}</span>
        </button>
      )}
    </section>
  );
}

import { useComputed, useSignal } from "@preact/signals";
import { roomKey } from "../../protocol/rules";
import { useApp } from "../context/app-context";
import { Avatar } from "../kit/avatar";
import { IconButton } from "../kit/icon-button";
import { Icon, Logo } from "../kit/icons";
import { Part } from "../context/part";
import { FoundRooms, OtherRooms } from "./parts";
import { APPLE } from "../kit/platform";
import { myRooms } from "../../store/room";
import { RoomItem } from "./room-item";

interface Props {
  inDrawer?: boolean;
  /** It is all there is on screen, so its name is the page's heading. */
  whole?: boolean;
}

/** The rooms: mine with what is unread, the directory, the search, and me. */
export function Sidebar({ inDrawer = false, whole = false }: Props) {
  const { client, i18n, surfaces } = useApp();
  const { t } = i18n;
  const { phone } = surfaces;
  const query = useSignal("");
  const Name = whole ? "h1" : "strong";
  const search = (text: string) => {
    query.value = text;
    client.watcher.search(text);
  };
  return (
    <div class="rooms-pane">
      <header class="pane-head">
        <Logo />
        <Name class="brand-name">{client.server.value?.name ?? "Maru"}</Name>
        <IconButton
          label={t("rooms.new")}
          data-testid="create-room"
          onClick={() => surfaces.create()}
          icon="plus"
        />
        {inDrawer && (
          <IconButton label={t("rooms.close")} onClick={() => surfaces.close()} icon="close" />
        )}
      </header>
      <div class="search">
        <Icon name="search" />
        <input
          dir="auto"
          type="search"
          aria-label={t("rooms.search")}
          placeholder={t("rooms.search")}
          data-testid="room-search"
          value={query.value}
          onInput={(event) => search(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape" && query.value !== "") {
              event.preventDefault();
              search("");
            }
          }}
        />
        {!phone.value && query.value === "" && (
          <button
            type="button"
            class="search-keys"
            title={t("rooms.switcher")}
            data-testid="open-switcher"
            onClick={() => surfaces.show("switcher")}
          >
            <span class="visually-hidden">{t("rooms.switcher")}</span>
            <kbd>{APPLE ? "⌘" : "Ctrl"}</kbd>
            <kbd>K</kbd>
          </button>
        )}
      </div>
      <nav class="room-lists" aria-label={t("rooms.title")}>
        {query.value.trim() === "" ? (
          <Browse />
        ) : (
          <Part part={FoundRooms} props={{ query: query.value }} />
        )}
      </nav>
      <Me />
    </div>
  );
}

function Browse() {
  const { client, i18n } = useApp();
  const { t } = i18n;
  const mine = useComputed(() => myRooms(client.membership.rooms.value));
  const others = useComputed(() => {
    const known = new Set(mine.value.map((room) => room.key));
    return client.directory.rooms.value.filter((info) => !known.has(roomKey(info.room)));
  });
  const isTold = client.directory.loaded.value;
  return (
    <>
      <section>
        <h2>{t("rooms.mine")}</h2>
        {mine.value.length === 0 ? (
          <p class="quiet" data-testid="rooms-none">
            {t("rooms.none")} {t("rooms.none.lead")}
          </p>
        ) : (
          <ul>
            {mine.value.map((room) => (
              <RoomItem key={room.key} room={room} />
            ))}
          </ul>
        )}
      </section>
      <section data-testid="directory">
        <h2>{t("rooms.all")}</h2>
        {isTold && <Part part={OtherRooms} props={{ rooms: others.value }} quiet />}
        {!(isTold && OtherRooms.here !== null) && (
          <ul aria-hidden="true" class="skeletons">
            <li />
            <li />
            <li />
          </ul>
        )}
      </section>
    </>
  );
}

function Me() {
  const { client, i18n, surfaces } = useApp();
  const me = client.identity.user.value;
  return (
    <footer class="me">
      {me !== null && (
        <>
          <Avatar user={me} />
          <span class="person-name" data-testid="my-name">
            {me.name}
          </span>
        </>
      )}
      <IconButton
        label={i18n.t("settings.open")}
        data-testid="settings"
        onClick={() => surfaces.show("settings")}
        icon="settings"
      />
    </footer>
  );
}

import { useComputed, useSignal } from "@preact/signals";
import type { RoomInfo } from "../../protocol/generated";
import { checkRoomName, roomKey } from "../../protocol/rules";
import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { Avatar } from "../kit/avatar";
import { Icon, Logo } from "../kit/icons";
import { hashOf } from "../shell/router";
import { APPLE } from "../shell/platform";

interface Props {
  inDrawer?: boolean;
  /** It is all there is on screen, so its name is the page's heading. */
  whole?: boolean;
}

/** The rooms: mine with what is unread, the directory, the search, and me. */
export function RoomsPane({ inDrawer = false, whole = false }: Props) {
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
        <button
          type="button"
          class="icon-button"
          aria-label={t("rooms.new")}
          title={t("rooms.new")}
          data-testid="create-room"
          onClick={() => surfaces.create()}
        >
          <Icon name="plus" />
        </button>
        {inDrawer && (
          <button
            type="button"
            class="icon-button"
            aria-label={t("rooms.close")}
            onClick={() => surfaces.close()}
          >
            <Icon name="close" />
          </button>
        )}
      </header>
      <div class="search">
        <Icon name="search" />
        <input
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
        {query.value.trim() === "" ? <Browse /> : <Found query={query.value} />}
      </nav>
      <Me />
    </div>
  );
}

/** Mine: what is joined or being joined; a refused one only while it is on screen. */
export function myRooms(rooms: readonly Room[]): Room[] {
  return rooms.filter((room) => {
    const membership = room.membership.value;
    return membership.is !== "refused" || membership.code !== "room_not_found";
  });
}

function Browse() {
  const { client, i18n } = useApp();
  const { t } = i18n;
  const mine = useComputed(() => myRooms(client.membership.rooms.value));
  const others = useComputed(() => {
    const known = new Set(mine.value.map((room) => room.key));
    return client.directory.rooms.value.filter((info) => !known.has(roomKey(info.room)));
  });
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
        {!client.directory.loaded.value ? (
          <ul aria-hidden="true" class="skeletons">
            <li />
            <li />
            <li />
          </ul>
        ) : others.value.length === 0 ? (
          <p class="quiet">{t("rooms.none.all")}</p>
        ) : (
          <ul>
            {others.value.map((info) => (
              <DirectoryItem key={info.room} info={info} />
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

function Found({ query }: { query: string }) {
  const { client, i18n, surfaces } = useApp();
  const { t } = i18n;
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
      {local.length + found.length === 0 && (
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

function RoomItem({ room }: { room: Room }) {
  const { client, router, surfaces, i18n } = useApp();
  const name = room.name.value;
  const current = router.room.value !== null && roomKey(router.room.value) === room.key;
  const unread = current ? 0 : room.read.count.value;
  const mentions = current ? 0 : room.mentions.value;
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

function DirectoryItem({ info }: { info: RoomInfo }) {
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
            {i18n.t("rooms.people", { count: info.members })}
          </span>
        )}
      </a>
    </li>
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
      <button
        type="button"
        class="icon-button"
        aria-label={i18n.t("settings.open")}
        title={i18n.t("settings.open")}
        data-testid="settings"
        onClick={() => surfaces.show("settings")}
      >
        <Icon name="settings" />
      </button>
    </footer>
  );
}

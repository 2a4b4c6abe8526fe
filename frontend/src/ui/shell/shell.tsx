import { useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { roomKey } from "../../protocol/rules";
import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { Dialog } from "../kit/dialog";
import { Part } from "../kit/part";
import {
  ConnectionBanner,
  CreateDialog,
  NameDialog,
  PeoplePane,
  SettingsDialog,
  ShortcutsDialog,
  Switcher,
} from "../parts";
import { RoomPane } from "../rooms/room-pane";
import { RoomsPane } from "../rooms/rooms-pane";
import { SearchDialog, SearchSide } from "../search/search-place";
import { Announcer } from "../timeline/announcer";
import { ToastList } from "./toasts";
import { Welcome } from "./welcome";

/** The room that the address names, entered if need be. */
function useActiveRoom(): Room | null {
  const { client, router } = useApp();
  const { membership } = client;
  const name = router.room.value;
  const known = client.identity.user.value !== null;
  useEffect(() => {
    membership.foremost = name === null ? null : roomKey(name);
    if (name !== null && known) membership.enter(name);
    // A room that wasn't there is forgotten when the reader goes on.
    for (const room of membership.rooms.value) {
      if (room.membership.value.is === "refused" && room.key !== membership.foremost) {
        membership.drop(room);
      }
    }
  }, [name, known]);
  // The list is read for its changes: `get` alone would not tell.
  return name === null || membership.rooms.value.length === 0
    ? null
    : (membership.get(name) ?? null);
}

export function Shell() {
  const { i18n, surfaces, preferences } = useApp();
  const { t } = i18n;
  const room = useActiveRoom();
  const phone = surfaces.phone.value;
  const inside = room !== null && room.membership.value.is !== "refused";
  const searching = surfaces.searching.value && inside;
  const searchBeside = searching && surfaces.wide.value;
  const beside = surfaces.wide.value && surfaces.peopleShown.value && inside && !searchBeside;

  useSignalEffect(() => {
    document.documentElement.lang = i18n.language.value;
  });
  useSignalEffect(() => {
    document.documentElement.dataset["density"] = preferences.density.chosen.value;
  });

  return (
    <div class="app" data-people={beside} data-search={searchBeside} data-phone={phone}>
      {inside && (
        <a
          class="skip"
          href="#composer"
          onClick={(event) => {
            event.preventDefault();
            document.getElementById("composer")?.focus();
          }}
        >
          {t("app.skip")}
        </a>
      )}
      {!phone && (
        <aside class="side rooms-side" aria-label={t("rooms.title")}>
          <RoomsPane />
        </aside>
      )}
      {phone && room === null ? (
        <>
          <main class="side rooms-side" aria-label={t("rooms.title")}>
            <RoomsPane whole />
          </main>
          <Part part={ConnectionBanner} props={{}} quiet />
        </>
      ) : (
        <main class="main">
          <Part part={ConnectionBanner} props={{}} quiet />
          {room === null ? <Welcome /> : <RoomPane key={room.key} room={room} />}
        </main>
      )}
      {beside && (
        <aside class="side people-side" aria-label={t("room.people")}>
          <Part part={PeoplePane} props={{ room }} quiet />
        </aside>
      )}
      {searchBeside && <SearchSide room={room} />}
      {searching && !searchBeside && <SearchDialog room={room} />}
      <Overlays room={room} />
      <Announcer room={room} />
      <ToastList />
    </div>
  );
}

function Overlays({ room }: { room: Room | null }) {
  const { client, i18n, surfaces } = useApp();
  const { t } = i18n;
  if (client.identity.user.value === null && !client.identity.known.value) {
    return <Part part={NameDialog} props={{ rename: false }} />;
  }
  const close = () => surfaces.close();
  switch (surfaces.open.value) {
    case "settings":
      return <Part part={SettingsDialog} props={{}} failed={close} />;
    case "switcher":
      return <Part part={Switcher} props={{}} failed={close} />;
    case "shortcuts":
      return <Part part={ShortcutsDialog} props={{}} failed={close} />;
    case "rename":
      return <Part key="rename" part={NameDialog} props={{ rename: true }} failed={close} />;
    case "create":
      return <Part part={CreateDialog} props={{}} failed={close} />;
    case "rooms":
      return (
        <Dialog class="drawer left" label={t("rooms.title")} testid="rooms-drawer" onClose={close}>
          <RoomsPane inDrawer />
        </Dialog>
      );
    case "people":
      return room === null ? null : (
        <Dialog
          class="drawer right"
          label={t("room.people")}
          testid="people-drawer"
          onClose={close}
        >
          <Part part={PeoplePane} props={{ room, onClose: close }} />
        </Dialog>
      );
    case "none":
      return null;
  }
}

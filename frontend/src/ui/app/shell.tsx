import { useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { roomKey } from "../../protocol/rules";
import type { Room } from "../../store/room";
import { useApp } from "../context/app-context";
import { Part } from "../context/part";
import { ConnectionBanner, Notices, Overlays, PeoplePane, SearchPlace, Welcome } from "./parts";
import { RoomPane } from "../room/room-pane";
import { Sidebar } from "../sidebar/sidebar";

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
  const { client, i18n, surfaces, preferences } = useApp();
  const { t } = i18n;
  const room = useActiveRoom();
  const nameless = client.identity.user.value === null && !client.identity.known.value;
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
          <Sidebar />
        </aside>
      )}
      {phone && room === null ? (
        <>
          <main class="side rooms-side" aria-label={t("rooms.title")}>
            <Sidebar whole />
          </main>
          <Part part={ConnectionBanner} props={{}} quiet />
        </>
      ) : (
        <main class="main">
          <Part part={ConnectionBanner} props={{}} quiet />
          {room === null ? <Part part={Welcome} props={{}} /> : <RoomPane key={room} room={room} />}
        </main>
      )}
      {beside && (
        <aside class="side people-side" aria-label={t("room.people")}>
          <Part part={PeoplePane} props={{ room }} quiet />
        </aside>
      )}
      {searching && (
        <Part
          part={SearchPlace}
          props={{ room, beside: searchBeside }}
          failed={() => {
            surfaces.searching.value = false;
          }}
        />
      )}
      {(nameless || surfaces.open.value !== "none") && (
        <Part part={Overlays} props={{ room, nameless }} failed={() => surfaces.close()} />
      )}
      <Part part={Notices} props={{ room }} quiet />
    </div>
  );
}

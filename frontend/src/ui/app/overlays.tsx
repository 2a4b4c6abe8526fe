import type { Room } from "../../store/room";
import { useApp } from "../context/app-context";
import { Dialog } from "../kit/dialog";
import { Part } from "../context/part";
import { CreateDialog, SettingsDialog, ShortcutsDialog, Switcher } from "./overlay-parts";
import { NameDialog, PeoplePane } from "./parts";
import { Sidebar } from "../sidebar/sidebar";

/** The dialog or drawer that is open over the page. */
export function Overlays({ room }: { room: Room | null }) {
  const { i18n, surfaces } = useApp();
  const { t } = i18n;
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
          <Sidebar inDrawer />
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

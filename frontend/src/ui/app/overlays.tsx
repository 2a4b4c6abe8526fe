import type { Room } from "../../store/room";
import { useApp } from "../context/app-context";
import { Dialog } from "../kit/dialog";
import { Part } from "../context/part";
import { NameDialog } from "./name-dialog";
import { Dialogs, PeoplePane } from "./parts";
import { Sidebar } from "../sidebar/sidebar";

interface Props {
  room: Room | null;
  /** Who comes for the first time has to say a name before anything else. */
  nameless: boolean;
}

/** The dialog or drawer that is open over the page. */
export function Overlays({ room, nameless }: Props) {
  const { i18n, surfaces } = useApp();
  const { t } = i18n;
  const close = () => surfaces.close();
  if (nameless) return <NameDialog key="first" rename={false} />;
  const open = surfaces.open.value;
  switch (open) {
    case "settings":
    case "switcher":
    case "shortcuts":
    case "create":
      return <Part part={Dialogs} props={{ open }} failed={close} />;
    case "rename":
      return <NameDialog key="rename" rename />;
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

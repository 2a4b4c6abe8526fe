// The dialogs that anybody may open anywhere, in one file: fetched ahead, to be there at once.

import { CreateDialog } from "../features/create-room/create-dialog";
import { SettingsDialog } from "../features/settings/settings-dialog";
import { Switcher } from "../features/switcher/switcher";
import { ShortcutsDialog } from "./shortcuts-dialog";

export function Dialogs({ open }: { open: "settings" | "switcher" | "shortcuts" | "create" }) {
  switch (open) {
    case "settings":
      return <SettingsDialog />;
    case "switcher":
      return <Switcher />;
    case "shortcuts":
      return <ShortcutsDialog />;
    case "create":
      return <CreateDialog />;
  }
}

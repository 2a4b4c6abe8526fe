// What can be open over the page, each in a file that is fetched when it is.

import { Lazy } from "../kit/lazy";

export const SettingsDialog = new Lazy(() =>
  import("../features/settings/settings-dialog").then((m) => m.SettingsDialog),
);
export const Switcher = new Lazy(() =>
  import("../features/switcher/switcher").then((m) => m.Switcher),
);
export const ShortcutsDialog = new Lazy(() =>
  import("./shortcuts-dialog").then((m) => m.ShortcutsDialog),
);
export const CreateDialog = new Lazy(() =>
  import("../features/create-room/create-dialog").then((m) => m.CreateDialog),
);

// What can be open over the page, each in a file that is fetched when it is.

import { Lazy } from "../kit/lazy";

export const SettingsDialog = new Lazy(() =>
  import("../settings/settings-dialog").then((m) => m.SettingsDialog),
);
export const Switcher = new Lazy(() => import("../switcher/switcher").then((m) => m.Switcher));
export const ShortcutsDialog = new Lazy(() =>
  import("./shortcuts-dialog").then((m) => m.ShortcutsDialog),
);
export const CreateDialog = new Lazy(() =>
  import("../rooms/create-dialog").then((m) => m.CreateDialog),
);

// What is not needed for the first paint of a room, each in a file that is fetched when it is.

import { Lazy } from "./kit/lazy";
import { SearchPane } from "./search/search-place";

export const SettingsDialog = new Lazy(() =>
  import("./settings/settings-dialog").then((m) => m.SettingsDialog),
);
export const Switcher = new Lazy(() => import("./switcher/switcher").then((m) => m.Switcher));
export const ShortcutsDialog = new Lazy(() =>
  import("./shell/shortcuts-dialog").then((m) => m.ShortcutsDialog),
);
export const CreateDialog = new Lazy(() =>
  import("./rooms/create-dialog").then((m) => m.CreateDialog),
);
export const NameDialog = new Lazy(() => import("./shell/name-dialog").then((m) => m.NameDialog));
export const PeoplePane = new Lazy(() => import("./rooms/people-pane").then((m) => m.PeoplePane));
export const ConnectionBanner = new Lazy(() =>
  import("./shell/connection-banner").then((m) => m.ConnectionBanner),
);
export const practice = new Lazy(() => import("./doctor/practice"));
export const Findings = new Lazy(() => import("./doctor/findings").then((m) => m.Findings));

/**
 * Fetches them while nothing else is to do: what explains that there is no network must be here
 * before it is gone, and a dialog should open at once.
 */
export function warmUp(): void {
  const fetchAll = () => {
    for (const part of [
      practice,
      Findings,
      Switcher,
      SettingsDialog,
      ShortcutsDialog,
      CreateDialog,
      SearchPane,
    ]) {
      part.fetch().catch(() => undefined);
    }
  };
  const idle = (window as { requestIdleCallback?: (run: () => void) => void }).requestIdleCallback;
  if (idle === undefined) setTimeout(fetchAll, 2_000);
  else idle(fetchAll);
}

import { Findings, practice } from "./doctor/part";
import { Errors } from "./i18n/sentence";
import { Empty, Failed, Jump, FoundRooms, Overlays, Refused, SearchPlace, Welcome } from "./parts";
import { CreateDialog, SettingsDialog, ShortcutsDialog, Switcher } from "./shell/overlay-parts";

const PARTS = [
  practice,
  Findings,
  Errors,
  Overlays,
  Switcher,
  SettingsDialog,
  ShortcutsDialog,
  CreateDialog,
  FoundRooms,
  SearchPlace,
  Refused,
  Welcome,
  Empty,
  Failed,
  Jump,
] as const;

/**
 * Fetches what may be wanted next while nothing else is to do: what explains that there is no network
 * must be here before it is gone, and a dialog should open at once.
 */
export function warmUp(): void {
  const fetchAll = () => {
    for (const part of PARTS) part.fetch().catch(() => undefined);
  };
  const idle = (window as { requestIdleCallback?: (run: () => void) => void }).requestIdleCallback;
  if (idle === undefined) setTimeout(fetchAll, 2_000);
  else idle(fetchAll);
}

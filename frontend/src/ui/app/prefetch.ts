import { Findings, practice } from "../features/doctor/doctor";
import { Errors } from "../i18n/errors/sentence";
import { Refused } from "../room/parts";
import { Empty, Failed, Jump } from "../room/timeline/parts";
import { FoundRooms, OtherRooms } from "../sidebar/parts";
import { Dialogs, Overlays, SearchPlace, Welcome } from "./parts";

const PARTS = [
  practice,
  Findings,
  Errors,
  Overlays,
  Dialogs,
  FoundRooms,
  OtherRooms,
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
export function prefetch(): void {
  const fetchAll = () => {
    for (const part of PARTS) part.fetch().catch(() => undefined);
  };
  const idle = (window as { requestIdleCallback?: (run: () => void) => void }).requestIdleCallback;
  if (idle === undefined) setTimeout(fetchAll, 2_000);
  else idle(fetchAll);
}

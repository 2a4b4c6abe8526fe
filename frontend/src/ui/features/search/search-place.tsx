import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import { Dialog } from "../../kit/dialog";
import { SearchPane } from "./search-pane";

/**
 * Where the search is: beside the room, where there is room for both; else over it, in a drawer, and on
 * a phone on the whole screen.
 */
export function SearchPlace({ room, beside }: { room: Room; beside: boolean }) {
  const { i18n, surfaces } = useApp();
  const label = i18n.t("search.open");
  const close = () => {
    surfaces.searching.value = false;
  };
  const pane = <SearchPane room={room} close={close} />;
  return beside ? (
    <aside class="side search-side" aria-label={label}>
      {pane}
    </aside>
  ) : (
    <Dialog class="drawer right search-sheet" label={label} testid="search-sheet" onClose={close}>
      {pane}
    </Dialog>
  );
}

import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { Dialog } from "../kit/dialog";
import { Lazy } from "../kit/lazy";
import { Part } from "../kit/part";

export const SearchPane = new Lazy(() => import("./search-pane").then((m) => m.SearchPane));

function Loaded({ room }: { room: Room }) {
  const { surfaces } = useApp();
  const close = () => {
    surfaces.searching.value = false;
  };
  return <Part part={SearchPane} props={{ room, close }} failed={close} />;
}

/** Beside the room, where there is room. */
export function SearchSide({ room }: { room: Room }) {
  return (
    <aside class="side search-side" aria-label={useApp().i18n.t("search.open")}>
      <Loaded room={room} />
    </aside>
  );
}

/** Over it, where there isn't: a drawer, and on a phone the whole screen. */
export function SearchDialog({ room }: { room: Room }) {
  const { i18n, surfaces } = useApp();
  return (
    <Dialog
      class="drawer right search-sheet"
      label={i18n.t("search.open")}
      testid="search-sheet"
      onClose={() => {
        surfaces.searching.value = false;
      }}
    >
      <Loaded room={room} />
    </Dialog>
  );
}

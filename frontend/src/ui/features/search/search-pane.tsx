import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Hit } from "../../../protocol/generated";
import { roomKey } from "../../../protocol/rules";
import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import { IconButton } from "../../kit/icon-button";
import { SearchField } from "./search-field";
import { searchOf } from "./search-of";
import { SearchResults } from "./search-results";
import { SearchStatus } from "./search-state";
import { searchText } from "./strings";

interface Props {
  /** The room on screen. */
  room: Room;
  close: () => void;
}

/** Looks for what was said, in the room on screen or in all of one's rooms. */
export function SearchPane({ room, close }: Props) {
  const app = useApp();
  const { i18n, surfaces } = app;
  const t = searchText(i18n);
  const search = searchOf(app);
  const field = useRef<HTMLInputElement>(null);
  const before = useMemo(() => document.activeElement, []);
  const show = useShow(room, close);
  const { list, hits, at, press, choose } = useHits(show);

  const wishes = surfaces.searches.value;
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, [wishes]);
  const leave = () => {
    close();
    // A dialog gives the focus back by itself.
    if (!surfaces.wide.value) return;
    const back = before instanceof HTMLElement && before.isConnected && before !== document.body;
    (back ? before : document.getElementById("composer"))?.focus();
  };

  return (
    <div
      class="search-pane"
      data-testid="search"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation();
        leave();
      }}
    >
      <header class="pane-head">
        <h2>{t("search.title")}</h2>
        <IconButton
          label={t("search.close")}
          data-testid="search-close"
          onClick={leave}
          icon="close"
        />
      </header>
      <SearchField
        field={field}
        active={hits.length > 0 ? `hit-${at}` : undefined}
        onPress={press}
      />
      <SearchScope room={room} />
      <SearchResults room={room} list={list} hits={hits} at={at} onChoose={choose} />
      <SearchStatus found={search.found.value} />
      <p class="search-help" aria-hidden="true">
        {hits.length > 0 && t("search.keys")}
      </p>
    </div>
  );
}

/** Leads to the place of a result. */
function useShow(room: Room, close: () => void): (hit: Hit) => void {
  const { router, surfaces, views } = useApp();
  return ({ message }) => {
    const { name, key } = room;
    if (!surfaces.wide.value) close();
    // When the sheet is gone and gave the focus back.
    setTimeout(() => {
      views.showMessage(roomKey(message.room), message.seq);
      if (roomKey(message.room) !== key) router.open(message.room);
      else if (router.room.value === null) router.open(name.value);
    });
  };
}

/** What was found, and which of it the keyboard is at. */
function useHits(show: (hit: Hit) => void) {
  const search = searchOf(useApp());
  const list = useRef<HTMLDivElement>(null);
  const found = search.found.value;
  const hits = found.is === "found" ? found.hits : [];
  const active = useSignal(0);
  const at = Math.min(active.value, Math.max(hits.length - 1, 0));
  const first = hits[0];
  useEffect(() => {
    active.value = 0;
    list.current?.scrollTo(0, 0);
  }, [first]);

  const go = (index: number) => {
    active.value = index;
    document.getElementById(`hit-${index}`)?.scrollIntoView({ block: "nearest" });
    if (index >= hits.length - 3) search.further();
  };
  const choose = (index: number) => {
    const hit = hits[index];
    active.value = index;
    if (hit !== undefined) show(hit);
  };
  const press = (key: string): boolean => {
    if (key === "ArrowDown" && hits.length > 0) go(Math.min(at + 1, hits.length - 1));
    else if (key === "ArrowUp" && hits.length > 0) go(Math.max(at - 1, 0));
    else if (key === "Enter") {
      search.now();
      if (found.is === "found" && !found.asking) choose(at);
    } else return false;
    return true;
  };
  return { list, hits, at, press, choose };
}

function SearchScope({ room }: { room: Room }) {
  const app = useApp();
  const t = searchText(app.i18n);
  const search = searchOf(app);
  const everywhere = search.room.value === null;
  const name = room.name.value;
  // "This room" is the one on screen.
  useLayoutEffect(() => {
    if (!everywhere) search.in(name);
  }, [name]);
  return (
    <fieldset class="segments search-scope" aria-label={t("search.scope")}>
      {[name, null].map((where) => (
        <label key={String(where === null)}>
          <input
            type="radio"
            name="search-scope"
            checked={(where === null) === everywhere}
            onChange={() => search.in(where)}
          />
          <span>{t(where === null ? "search.scope.all" : "search.scope.room")}</span>
        </label>
      ))}
    </fieldset>
  );
}

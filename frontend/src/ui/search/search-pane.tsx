import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { MAX_QUERY_CHARS } from "../../protocol/generated";
import type { Hit } from "../../protocol/generated";
import { roomKey } from "../../protocol/rules";
import type { Room } from "../../store/room";
import type { Found } from "../../sync/search";
import { sentence, useApp } from "../app-context";
import { HangulKeys } from "../kit/hangul-keys";
import { Icon } from "../kit/icons";
import { Result } from "./result";
import { searchOf } from "./search-of";
import { searchText } from "./text";

/** This near to the end of the list the next page is asked for. */
const NEAR_PX = 240;

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
  const search = useMemo(() => searchOf(app), []);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const keys = useMemo(() => new HangulKeys(), []);
  const before = useMemo(() => document.activeElement, []);
  const found = search.found.value;
  const hits = found.is === "found" ? found.hits : [];
  const active = useSignal(0);
  const at = Math.min(active.value, Math.max(hits.length - 1, 0));
  const everywhere = search.room.value === null;

  // "This room" is the one on screen.
  useLayoutEffect(() => {
    if (!everywhere) search.in(room.name.value);
  }, [room.name.value]);
  const first = hits[0];
  useEffect(() => {
    active.value = 0;
    list.current?.scrollTo(0, 0);
  }, [first]);
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
  const show = (hit: Hit) => {
    const { message } = hit;
    const { name, key } = room;
    if (!surfaces.wide.value) close();
    // When the sheet is gone and gave the focus back.
    setTimeout(() => {
      app.views.showMessage(roomKey(message.room), message.seq);
      if (roomKey(message.room) !== key) app.router.open(message.room);
      else if (app.router.room.value === null) app.router.open(name.value);
    });
  };
  const choose = (index: number) => {
    active.value = index;
    document.getElementById(`hit-${index}`)?.scrollIntoView({ block: "nearest" });
    if (index >= hits.length - 3) search.further();
  };
  const press = (key: string): boolean => {
    const hit = hits[at];
    if (key === "ArrowDown" && hits.length > 0) choose(Math.min(at + 1, hits.length - 1));
    else if (key === "ArrowUp" && hits.length > 0) choose(Math.max(at - 1, 0));
    else if (key === "Enter") {
      search.now();
      if (hit !== undefined && found.is === "found" && !found.asking) show(hit);
    } else return false;
    return true;
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
        <button
          type="button"
          class="icon-button"
          aria-label={t("search.close")}
          title={t("search.close")}
          data-testid="search-close"
          onClick={leave}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="search">
        <Icon name="search" />
        <input
          ref={field}
          type="text"
          role="combobox"
          inputMode="search"
          enterkeyhint="search"
          autocomplete="off"
          spellcheck={false}
          aria-label={t("search.field")}
          placeholder={t("search.field")}
          aria-expanded={hits.length > 0}
          aria-controls="search-results"
          aria-autocomplete="list"
          aria-activedescendant={hits.length > 0 ? `hit-${at}` : undefined}
          data-testid="search-input"
          data-autofocus
          value={search.text.value}
          onCompositionUpdate={(event) => keys.composing(event.data)}
          onCompositionEnd={(event) => {
            keys.composed(event.data, Date.now());
            search.type(event.currentTarget.value, null);
          }}
          onInput={(event) => {
            const { data, isComposing } = event;
            search.type(event.currentTarget.value, isComposing ? (data ?? "") : null);
          }}
          onKeyDown={(event) => {
            if (!["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return;
            if (keys.down(event, Date.now()) === "now" && press(event.key)) event.preventDefault();
          }}
          onKeyUp={(event) => {
            if (keys.up(event)) press("Enter");
          }}
        />
        {search.text.value !== "" && (
          <button
            type="button"
            class="icon-button small"
            aria-label={t("search.clear")}
            data-testid="search-clear"
            onClick={() => {
              search.type("", null);
              field.current?.focus();
            }}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      <fieldset class="segments search-scope" aria-label={t("search.scope")}>
        {[room.name.value, null].map((where) => (
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
      <div
        ref={list}
        class="search-list"
        onScroll={({ currentTarget: port }) => {
          const left = port.scrollHeight - port.clientHeight - port.scrollTop;
          if (left < NEAR_PX && found.is === "found" && found.failure === null) search.further();
        }}
      >
        <div
          id="search-results"
          role="listbox"
          aria-label={t("search.results")}
          aria-busy={found.is === "searching" || (found.is === "found" && found.asking)}
          data-testid="search-results"
        >
          {hits.map((hit, index) => (
            <Result
              key={`${hit.message.room}/${hit.message.seq}`}
              hit={hit}
              index={index}
              active={index === at}
              withRoom={everywhere}
              onChoose={() => {
                active.value = index;
                show(hit);
              }}
            />
          ))}
        </div>
        <State room={room.name.value} found={found} />
      </div>
      <p class="visually-hidden" role="status" data-testid="search-status">
        {status(found, t)}
      </p>
      <p class="search-help" aria-hidden="true">
        {hits.length > 0 && t("search.keys")}
      </p>
    </div>
  );
}

function status(found: Found, t: ReturnType<typeof searchText>): string {
  if (found.is !== "found" || found.asking) return "";
  const count = found.hits.length;
  if (count === 0) return t("search.none");
  return t(found.more === null ? "search.found" : "search.found.more", { count });
}

/** What stands where results would, or below them. */
function State({ room, found }: { room: string; found: Found }) {
  const app = useApp();
  const { i18n } = app;
  const t = searchText(i18n);
  const search = searchOf(app);
  const all = search.room.value === null;
  switch (found.is) {
    case "nothing":
      return (
        <div class="search-state" data-testid="search-empty">
          <Icon name="search" />
          <h3>{t("search.empty")}</h3>
          <p>{t("search.empty.lead")}</p>
        </div>
      );
    case "short":
    case "long":
      return (
        <p class="search-state" data-testid="search-hint" role="status">
          {t(`search.${found.is}`, { most: MAX_QUERY_CHARS })}
        </p>
      );
    case "searching":
      return <p class="search-state">{t("search.searching")}</p>;
    case "failed":
      return (
        <div class="search-state" role="alert" data-testid="search-failed">
          <p>{t("search.failed", { why: sentence(i18n, found.failure) })}</p>
          <button type="button" class="button small" onClick={() => search.now()}>
            {t("search.retry")}
          </button>
        </div>
      );
    case "found":
      if (found.hits.length === 0 && !found.asking) {
        return (
          <div class="search-state" data-testid="search-none">
            <h3>{t("search.none")}</h3>
            <p>{t(all ? "search.none.all" : "search.none.room", { room })}</p>
            {!all && (
              <button type="button" class="button small" onClick={() => search.in(null)}>
                {t("search.none.widen")}
              </button>
            )}
          </div>
        );
      }
      if (found.failure !== null) {
        return (
          <div class="search-state" role="alert">
            <p>{t("search.failed", { why: sentence(i18n, found.failure) })}</p>
            <button type="button" class="button small" onClick={() => search.further()}>
              {t("search.retry")}
            </button>
          </div>
        );
      }
      return found.more === null ? null : (
        <div class="search-state">
          <button
            type="button"
            class="button small"
            data-testid="search-more"
            onClick={() => search.further()}
          >
            {t("search.more")}
          </button>
        </div>
      );
  }
}

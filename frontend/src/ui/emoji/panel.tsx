import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useApp } from "../app-context";
import { LANGUAGES } from "../i18n/i18n";
import { CATEGORIES, emojiOf, labelOf, search, WORDS } from "./book";
import type { Category } from "./book";
import { COLUMNS, step } from "./grid";
import { recentEmoji } from "./recent";
import { emojiText } from "./text";

type Tab = "recent" | Category;

const FACES: Readonly<Record<Tab, string>> = {
  recent: "🕘",
  smileys: "😀",
  people: "👋",
  nature: "🐻",
  food: "🍚",
  travel: "🚲",
  activities: "⚽",
  objects: "💡",
  symbols: "💟",
  flags: "🏁",
};

/** What is inside of the picker, loaded with it. */
export function EmojiPanel({ onPick }: { onPick: (emoji: string) => void }) {
  const app = useApp();
  const { i18n, surfaces } = app;
  const recent = recentEmoji(app);
  const t = emojiText(i18n);
  const recents = useRef(recent.list()).current;
  const tabs: readonly Tab[] = recents.length > 0 ? ["recent", ...CATEGORIES] : CATEGORIES;
  const tab = useSignal<Tab>(tabs[0] ?? "smileys");
  const query = useSignal("");
  /** The one that Enter takes and the footer names. */
  const active = useSignal(0);
  const root = useRef<HTMLDivElement>(null);

  const words = WORDS[i18n.language.value].get();
  const searching = query.value.trim() !== "";
  // Both languages find; the other one is loaded by the first search.
  const languages = searching
    ? LANGUAGES.map((one) => WORDS[one].get()).filter((one) => one !== null)
    : [];
  const shown = searching
    ? search(query.value, languages)
    : tab.value === "recent"
      ? recents
      : emojiOf(tab.value);
  const at = Math.min(active.value, Math.max(shown.length - 1, 0));
  const name = (emoji: string) => labelOf(emoji, words);

  const field = () => root.current?.querySelector<HTMLElement>("input");
  const focusCell = (index: number) => {
    active.value = index;
    const cell = root.current?.querySelector<HTMLElement>(`[data-index="${index}"]`);
    cell?.focus();
  };
  const choose = (next: Tab) => {
    tab.value = next;
    query.value = "";
    active.value = 0;
    root.current?.querySelector(".emoji-grid")?.scrollTo(0, 0);
  };
  useLayoutEffect(() => {
    // A keyboard that slides up would cover half of a phone's emoji.
    if (surfaces.phone.value) focusCell(0);
    else field()?.focus();
  }, []);

  const onTabKey = (event: KeyboardEvent) => {
    const now = tabs.indexOf(tab.value);
    const to =
      { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: tabs.length - 1 }[event.key] ?? null;
    if (event.key === "ArrowDown") focusCell(at);
    else if (to === null) return;
    else {
      const next = tabs[(to + tabs.length) % tabs.length] ?? "smileys";
      choose(next);
      root.current?.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
    }
    event.preventDefault();
  };
  const onGridKey = (event: KeyboardEvent) => {
    const picked = shown[at];
    if ((event.key === "Enter" || event.key === " ") && picked !== undefined) onPick(picked);
    else {
      const to = step(event.key, at, shown.length);
      if (to === -1) return;
      if (to === null) field()?.focus();
      else focusCell(to);
    }
    event.preventDefault();
  };

  return (
    <div class="emoji-panel" ref={root}>
      <input
        type="search"
        role="searchbox"
        data-testid="emoji-search"
        aria-label={t("emoji.search")}
        placeholder={t("emoji.search")}
        autocomplete="off"
        value={query.value}
        onInput={(event) => {
          query.value = event.currentTarget.value;
          active.value = 0;
        }}
        onKeyDown={(event) => {
          // Enter and arrows of an input method belong to it.
          if (event.isComposing) return;
          const first = shown[at];
          if (event.key === "ArrowDown" && shown.length > 0) focusCell(at);
          else if (event.key === "Enter") {
            if (first !== undefined && searching) onPick(first);
          } else return;
          event.preventDefault();
        }}
      />
      <div
        class="emoji-tabs"
        role="tablist"
        aria-label={t("emoji.categories")}
        onKeyDown={onTabKey}
      >
        {tabs.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            data-tab={one}
            aria-selected={!searching && one === tab.value}
            aria-label={t(`emoji.${one}`)}
            title={t(`emoji.${one}`)}
            aria-controls="emoji-grid"
            tabIndex={one === tab.value ? 0 : -1}
            onClick={() => choose(one)}
          >
            <span aria-hidden="true">{FACES[one]}</span>
          </button>
        ))}
      </div>
      <Grid shown={shown} at={at} name={name} active={active} onPick={onPick} onKey={onGridKey} />
      <p class="emoji-foot" aria-hidden="true">
        {shown[at] !== undefined && (
          <>
            <span class="emoji">{shown[at]}</span>
            <span class="emoji-name">{name(shown[at])}</span>
          </>
        )}
      </p>
      <p class="visually-hidden" role="status">
        {searching &&
          (shown.length > 0 ? t("emoji.found", { count: shown.length }) : t("emoji.none"))}
      </p>
    </div>
  );
}

interface GridProps {
  shown: readonly string[];
  at: number;
  name: (emoji: string) => string;
  active: { value: number };
  onPick: (emoji: string) => void;
  onKey: (event: KeyboardEvent) => void;
}

/** One cell can be reached by Tab, the arrows go on from there. */
function Grid({ shown, at, name, active, onPick, onKey }: GridProps) {
  const t = emojiText(useApp().i18n);
  const rows = Array.from({ length: Math.ceil(shown.length / COLUMNS) }, (_, row) =>
    shown.slice(row * COLUMNS, row * COLUMNS + COLUMNS),
  );
  const indexUnder = (event: Event) => {
    const cell = event.target instanceof Element ? event.target.closest("[data-index]") : null;
    return cell === null ? null : Number(cell.getAttribute("data-index"));
  };
  if (shown.length === 0) return <p class="emoji-none">{t("emoji.none")}</p>;
  return (
    <div
      id="emoji-grid"
      class="emoji-grid"
      role="grid"
      aria-label={t("emoji.title")}
      data-testid="emoji-grid"
      onKeyDown={onKey}
      onClick={(event) => {
        const picked = shown[indexUnder(event) ?? -1];
        if (picked !== undefined) onPick(picked);
      }}
      onPointerOver={(event) => {
        active.value = indexUnder(event) ?? active.value;
      }}
    >
      {rows.map((row, line) => (
        <div key={line} role="row" class="emoji-row">
          {row.map((emoji, column) => {
            const index = line * COLUMNS + column;
            return (
              <div
                key={emoji}
                role="gridcell"
                class="emoji-cell"
                tabIndex={index === at ? 0 : -1}
                aria-label={name(emoji)}
                data-index={index}
                data-active={index === at}
                data-testid="emoji"
                data-emoji={emoji}
              >
                {emoji}
              </div>
            );
          })}
        </div>
      ))}
    </div>
  );
}

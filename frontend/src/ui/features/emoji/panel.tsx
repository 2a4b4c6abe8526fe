import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { useApp } from "../../context/app-context";
import { Cells } from "./cells";
import { step } from "./grid";
import { PickerState } from "./picker-state";
import type { Tab } from "./picker-state";
import { emojiText } from "./strings";

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
  const picking = useMemo(() => new PickerState(app), []);
  const root = useRef<HTMLDivElement>(null);
  const focus = (what: string) => root.current?.querySelector<HTMLElement>(what)?.focus();
  const focusCell = (index: number) => {
    picking.point(index);
    focus(`[data-index="${index}"]`);
  };
  const open = (tab: Tab) => {
    picking.open(tab);
    root.current?.querySelector(".emoji-grid")?.scrollTo(0, 0);
  };
  useLayoutEffect(() => {
    // A keyboard that slides up would cover half of a phone's emoji.
    if (app.surfaces.phone.value) focusCell(0);
    else focus("input");
  }, []);

  const onFieldKey = (event: KeyboardEvent) => {
    // Enter and arrows of an input method belong to it.
    if (event.isComposing) return;
    const shown = picking.shown.value;
    const first = shown[picking.at.value];
    if (event.key === "ArrowDown" && shown.length > 0) focusCell(picking.at.value);
    else if (event.key === "Enter") {
      if (first !== undefined && picking.searching.value) onPick(first);
    } else return;
    event.preventDefault();
  };
  const onTabKey = (event: KeyboardEvent) => {
    const to = picking.step(event.key);
    if (event.key === "ArrowDown") focusCell(picking.at.value);
    else if (to === null) return;
    else {
      open(to);
      focus(`[data-tab="${to}"]`);
    }
    event.preventDefault();
  };
  const onGridKey = (event: KeyboardEvent) => {
    const { shown, at } = picking;
    const picked = shown.value[at.value];
    if ((event.key === "Enter" || event.key === " ") && picked !== undefined) onPick(picked);
    else {
      const to = step(event.key, at.value, shown.value.length);
      if (to === -1) return;
      if (to === null) focus("input");
      else focusCell(to);
    }
    event.preventDefault();
  };
  return (
    <div class="emoji-panel" ref={root}>
      <Field picking={picking} onKey={onFieldKey} />
      <Tabs picking={picking} open={open} onKey={onTabKey} />
      <Cells picking={picking} onPick={onPick} onKey={onGridKey} />
      <Foot picking={picking} />
    </div>
  );
}

interface Part {
  picking: PickerState;
  onKey: (event: KeyboardEvent) => void;
}

function Field({ picking, onKey }: Part) {
  const t = emojiText(useApp().i18n);
  return (
    <input
      type="search"
      role="searchbox"
      data-testid="emoji-search"
      aria-label={t("emoji.search")}
      placeholder={t("emoji.search")}
      autocomplete="off"
      value={picking.query.value}
      onInput={(event) => picking.type(event.currentTarget.value)}
      onKeyDown={onKey}
    />
  );
}

function Tabs({ picking, open, onKey }: Part & { open: (tab: Tab) => void }) {
  const t = emojiText(useApp().i18n);
  return (
    <div class="emoji-tabs" role="tablist" aria-label={t("emoji.categories")} onKeyDown={onKey}>
      {picking.tabs.map((tab) => (
        <button
          key={tab}
          type="button"
          role="tab"
          data-tab={tab}
          aria-selected={!picking.searching.value && tab === picking.tab.value}
          aria-label={t(`emoji.${tab}`)}
          title={t(`emoji.${tab}`)}
          aria-controls="emoji-grid"
          tabIndex={tab === picking.tab.value ? 0 : -1}
          onClick={() => open(tab)}
        >
          <span aria-hidden="true">{FACES[tab]}</span>
        </button>
      ))}
    </div>
  );
}

/** What the one is called that is pointed at, and to who can't see it how many there are. */
function Foot({ picking }: { picking: PickerState }) {
  const t = emojiText(useApp().i18n);
  const shown = picking.shown.value;
  const emoji = shown[picking.at.value];
  return (
    <>
      <p class="emoji-foot" aria-hidden="true">
        {emoji !== undefined && (
          <>
            <span class="emoji">{emoji}</span>
            <span class="emoji-name">{picking.name(emoji)}</span>
          </>
        )}
      </p>
      <p class="visually-hidden" role="status">
        {picking.searching.value &&
          (shown.length > 0 ? t("emoji.found", { count: shown.length }) : t("emoji.none"))}
      </p>
    </>
  );
}

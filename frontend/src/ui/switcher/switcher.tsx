import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { RoomInfo } from "../../protocol/generated";
import { roomKey } from "../../protocol/rules";
import { findRooms } from "../../sync/questions";
import { useApp } from "../app-context";
import { moreText } from "../i18n/more";
import { Dialog } from "../kit/dialog";
import { HangulKeys } from "../kit/hangul-keys";
import { Icon } from "../kit/icons";
import { myRooms } from "../rooms/my-rooms";
import { presses } from "../shell/shortcuts";
import { options } from "./choices";
import type { Option } from "./choices";
import { OptionRow } from "./option-row";

/** A pause in typing this long asks the server for rooms that are not listed here. */
const ASK_PAUSE_MS = 200;
const PAGE = 8;
const idOf = (index: number) => `switcher-option-${index}`;

/** Goes to a room by a few letters of its name, or by none: then the unread ones come first. */
export function Switcher() {
  const { client, router, surfaces, i18n } = useApp();
  const t = moreText(i18n);
  const query = useSignal("");
  const active = useSignal(0);
  const asked = useSignal<readonly RoomInfo[]>([]);
  const keys = useMemo(() => new HangulKeys(), []);
  const list = useRef<HTMLUListElement>(null);
  const shown = useComputed(() =>
    options({
      query: query.value,
      mine: myRooms(client.membership.rooms.value),
      directory: [...client.directory.rooms.value, ...asked.value],
      open: router.room.value === null ? null : roomKey(router.room.value),
    }),
  );
  useSignalEffect(() => {
    const text = query.value.trim();
    if (text === "") return undefined;
    const timer = setTimeout(
      () => findRooms(client, text, (rooms) => (asked.value = rooms)),
      ASK_PAUSE_MS,
    );
    return () => clearTimeout(timer);
  });
  const at = Math.min(active.value, Math.max(0, shown.value.length - 1));
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const close = () => surfaces.close();
  const choose = (option: Option | undefined) => {
    if (option === undefined) return;
    if (option.is === "new") {
      surfaces.create(option.name);
      return;
    }
    close();
    router.open(option.name);
  };
  const move = (to: number) => {
    const count = shown.value.length;
    if (count > 0) active.value = (to + count) % count;
  };
  const bounded = (to: number) =>
    (active.value = Math.max(0, Math.min(to, shown.value.length - 1)));
  const actions: Readonly<Record<string, () => void>> = {
    ArrowDown: () => move(at + 1),
    ArrowUp: () => move(at - 1),
    PageDown: () => bounded(at + PAGE),
    PageUp: () => bounded(at - PAGE),
    Enter: () => choose(shown.value[at]),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (presses(event, "Mod+K")) {
      event.preventDefault();
      close();
      return;
    }
    const action = actions[event.key] ?? actions[event.code];
    if (action === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    const when = keys.down(event, Date.now());
    if (when === "never") return;
    event.preventDefault();
    if (when === "now") action();
  };

  const count = shown.value.filter((option) => option.is !== "new").length;
  return (
    <Dialog class="dialog switcher" label={t("switcher.title")} testid="switcher" onClose={close}>
      <div class="search">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-label={t("switcher.title")}
          aria-expanded="true"
          aria-controls="switcher-list"
          aria-autocomplete="list"
          {...(shown.value.length > 0 ? { "aria-activedescendant": idOf(at) } : {})}
          data-autofocus
          data-testid="switcher-input"
          placeholder={t("switcher.placeholder")}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="go"
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
            active.value = 0;
          }}
          onKeyDown={onKeyDown}
          onKeyUp={(event) => {
            if (keys.up(event)) choose(shown.value[at]);
          }}
          onCompositionUpdate={(event) => keys.composing(event.data)}
          onCompositionEnd={(event) => keys.composed(event.data, Date.now())}
        />
      </div>
      <ul
        ref={list}
        id="switcher-list"
        role="listbox"
        aria-label={t("switcher.results")}
        data-testid="switcher-list"
      >
        {shown.value.map((option, index) => (
          <OptionRow
            key={`${option.is}:${option.key}`}
            id={idOf(index)}
            option={option}
            active={index === at}
            choose={() => choose(option)}
            point={() => (active.value = index)}
          />
        ))}
      </ul>
      {count === 0 && (
        <p class="quiet" data-testid="switcher-none">
          {t(query.value.trim() === "" ? "switcher.empty" : "switcher.none")}
        </p>
      )}
      <p class="visually-hidden" role="status">
        {t("switcher.count", { count })}
      </p>
      <p class="switcher-hint" aria-hidden="true">
        {t("switcher.hint")}
      </p>
    </Dialog>
  );
}

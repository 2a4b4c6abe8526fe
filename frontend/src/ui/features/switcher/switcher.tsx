import { useEffect, useMemo, useRef } from "preact/hooks";
import { useApp } from "../../context/app-context";
import { switcherText } from "./strings";
import { Dialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { SwitcherState } from "./switcher-state";
import { OptionRow } from "./option-row";

const LIST = "switcher-list";
const idOf = (index: number) => `switcher-option-${index}`;

/** Goes to a room by a few letters of its name, or by none: then the unread ones come first. */
export function Switcher() {
  const app = useApp();
  const t = switcherText(app.i18n);
  const choosing = useMemo(() => new SwitcherState(app), []);
  useEffect(() => choosing.ask(), []);
  const count = choosing.shown.value.filter((option) => option.is !== "new").length;
  return (
    <Dialog
      class="dialog switcher"
      label={t("switcher.title")}
      testid="switcher"
      onClose={() => app.surfaces.close()}
    >
      <div class="search">
        <Icon name="search" />
        <Field choosing={choosing} />
      </div>
      <Options choosing={choosing} />
      {count === 0 && (
        <p class="quiet" data-testid="switcher-none">
          {t(choosing.query.value.trim() === "" ? "switcher.empty" : "switcher.none")}
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

function Field({ choosing }: { choosing: SwitcherState }) {
  const t = switcherText(useApp().i18n);
  const { keys, shown, at } = choosing;
  return (
    <input
      type="text"
      role="combobox"
      aria-label={t("switcher.title")}
      aria-expanded="true"
      aria-controls={LIST}
      aria-autocomplete="list"
      {...(shown.value.length > 0 ? { "aria-activedescendant": idOf(at.value) } : {})}
      data-autofocus
      data-testid="switcher-input"
      placeholder={t("switcher.placeholder")}
      autocomplete="off"
      autocapitalize="off"
      spellcheck={false}
      enterkeyhint="go"
      value={choosing.query.value}
      onInput={(event) => choosing.type(event.currentTarget.value)}
      onKeyDown={(event) => choosing.onKeyDown(event)}
      onKeyUp={(event) => {
        if (keys.up(event)) choosing.choose();
      }}
      onCompositionUpdate={(event) => keys.composing(event.data)}
      onCompositionEnd={(event) => keys.composed(event.data, Date.now())}
    />
  );
}

function Options({ choosing }: { choosing: SwitcherState }) {
  const t = switcherText(useApp().i18n);
  const list = useRef<HTMLUListElement>(null);
  const at = choosing.at.value;
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return (
    <ul
      ref={list}
      id={LIST}
      role="listbox"
      aria-label={t("switcher.results")}
      data-testid="switcher-list"
    >
      {choosing.shown.value.map((option, index) => (
        <OptionRow
          key={`${option.is}:${option.key}`}
          id={idOf(index)}
          option={option}
          active={index === at}
          choose={() => choosing.choose(option)}
          point={() => choosing.point(index)}
        />
      ))}
    </ul>
  );
}

import type { RefObject } from "preact";
import { useMemo } from "preact/hooks";
import { useApp } from "../../context/app-context";
import { HangulKeys } from "../../kit/hangul-keys";
import { IconButton } from "../../kit/icon-button";
import { Icon } from "../../kit/icons";
import { searchOf } from "./search-of";
import { searchText } from "./strings";

interface Props {
  field: RefObject<HTMLInputElement | null>;
  /** The id of the result that Enter shows. */
  active: string | undefined;
  /** An arrow or Enter; whether it did something. */
  onPress: (key: string) => boolean;
}

/** Where one types what is looked for. The keyboard stays in it. */
export function SearchField({ field, active, onPress }: Props) {
  const app = useApp();
  const t = searchText(app.i18n);
  const search = searchOf(app);
  const keys = useMemo(() => new HangulKeys(), []);
  return (
    <div class="search">
      <Icon name="search" />
      <input
        dir="auto"
        ref={field}
        type="text"
        role="combobox"
        inputMode="search"
        enterkeyhint="search"
        autocomplete="off"
        spellcheck={false}
        aria-label={t("search.field")}
        placeholder={t("search.field")}
        aria-expanded={active !== undefined}
        aria-controls="search-results"
        aria-autocomplete="list"
        aria-activedescendant={active}
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
          if (keys.down(event, Date.now()) === "now" && onPress(event.key)) event.preventDefault();
        }}
        onKeyUp={(event) => {
          if (keys.up(event)) onPress("Enter");
        }}
      />
      {search.text.value !== "" && (
        <IconButton
          class="small"
          label={t("search.clear")}
          data-testid="search-clear"
          onClick={() => {
            search.type("", null);
            field.current?.focus();
          }}
          icon="close"
        />
      )}
    </div>
  );
}

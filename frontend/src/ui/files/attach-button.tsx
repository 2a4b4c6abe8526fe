import { useRef } from "preact/hooks";
import { useApp } from "../app-context";
import { Icon } from "../kit/icons";

/** Lets somebody pick files; a phone offers its camera as well. */
export function AttachButton({ onPick }: { onPick: (files: File[]) => void }) {
  const { t } = useApp().i18n;
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class="icon-button attach-button"
        aria-label={t("file.attach")}
        title={t("file.attach")}
        data-testid="attach"
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => input.current?.click()}
      >
        <Icon name="clip" />
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        tabIndex={-1}
        data-testid="attach-input"
        onChange={(event) => {
          const { currentTarget } = event;
          onPick([...(currentTarget.files ?? [])]);
          // The same file again is a choice again.
          currentTarget.value = "";
        }}
      />
    </>
  );
}

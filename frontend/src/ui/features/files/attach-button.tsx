import { useRef } from "preact/hooks";
import { useApp } from "../../context/app-context";
import { IconButton } from "../../kit/icon-button";
import { AnyIcon } from "../../kit/more-icons";
import { filesText } from "./strings";

/** Lets somebody pick files; a phone offers its camera as well. */
export function AttachButton({ onPick }: { onPick: (files: File[]) => void }) {
  const t = filesText(useApp().i18n);
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton
        class="attach-button"
        label={t("file.attach")}
        data-testid="attach"
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => input.current?.click()}
      >
        <AnyIcon name="clip" />
      </IconButton>
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

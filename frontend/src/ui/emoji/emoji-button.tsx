import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useApp } from "../app-context";
import { Icon } from "../kit/icons";
import { EmojiPicker } from "./emoji-picker";

interface Props {
  /** Before the picker takes the focus. */
  onOpen: () => void;
  onPick: (emoji: string) => void;
}

/** Opens the picker beside itself; one choice closes it. */
export function EmojiButton({ onOpen, onPick }: Props) {
  const { t } = useApp().i18n;
  const open = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button
        ref={button}
        type="button"
        class="icon-button emoji-button"
        aria-label={t("emoji.open")}
        title={t("emoji.open")}
        aria-haspopup="dialog"
        aria-expanded={open.value}
        data-testid="emoji-open"
        // The box keeps the focus, and gets it back from the picker.
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => {
          onOpen();
          open.value = true;
        }}
      >
        <Icon name="smile" />
      </button>
      {open.value && (
        <EmojiPicker
          anchor={button.current}
          onClose={() => {
            open.value = false;
          }}
          onPick={(emoji) => {
            open.value = false;
            // When the picker is gone and gave the focus back.
            setTimeout(() => onPick(emoji));
          }}
        />
      )}
    </>
  );
}

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useApp } from "../app-context";
import { IconButton } from "../kit/icon-button";
import { Part } from "../kit/part";
import { EmojiPicker } from "./part";

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
  const close = () => {
    open.value = false;
  };
  return (
    <>
      <IconButton
        ref={button}
        class="emoji-button"
        label={t("emoji.open")}
        aria-haspopup="dialog"
        aria-expanded={open.value}
        data-testid="emoji-open"
        // The box keeps the focus, and gets it back from the picker.
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => {
          onOpen();
          open.value = true;
        }}
        icon="smile"
      />
      {open.value && (
        <Part
          part={EmojiPicker}
          props={{
            anchor: button.current,
            onClose: close,
            onPick: (emoji: string) => {
              close();
              // When the picker is gone and gave the focus back.
              setTimeout(() => onPick(emoji));
            },
          }}
          failed={close}
        />
      )}
    </>
  );
}

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useApp } from "../../context/app-context";
import { IconButton } from "../../kit/icon-button";
import { AnyIcon } from "../../kit/more-icons";
import type { ComposerController } from "./composer-controller";
import { insert } from "./insert";
import { EmojiPicker } from "../../features/emoji/emoji-picker";
import { emojiText } from "../../features/emoji/strings";

interface Props {
  writing: ComposerController;
}

/** Opens the picker beside itself; one choice closes it and stands in the box. */
export function EmojiButton({ writing }: Props) {
  const t = emojiText(useApp().i18n);
  const { box, typing } = writing;
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
          if (typing.isComposing) typing.commit();
          open.value = true;
        }}
      >
        <AnyIcon name="smile" />
      </IconButton>
      {open.value && (
        <EmojiPicker
          anchor={button.current}
          onClose={close}
          onPick={(emoji) => {
            close();
            // When the picker is gone and gave the focus back.
            setTimeout(() => {
              if (box.el !== null) insert(box.el, emoji);
            });
          }}
        />
      )}
    </>
  );
}

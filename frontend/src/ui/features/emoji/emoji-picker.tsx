import { useMemo } from "preact/hooks";
import { useApp } from "../../context/app-context";
import { Dialog } from "../../kit/dialog";
import { Lazy } from "../../kit/lazy";
import { recentEmoji } from "./recent";
import { emojiText } from "./strings";

const panel = new Lazy(() => import("./panel"));

/** As in emoji.css, in pixels: the picker stands beside what opened it. */
const WIDTH = 352;
const HEIGHT = 400;
const GAP = 8;

interface Props {
  /** What was chosen. The picker doesn't close itself. */
  onPick: (emoji: string) => void;
  /** Esc, or a click beside it. The focus goes back to where it was. */
  onClose: () => void;
  /** What it stands beside; on a phone it comes up from below. */
  anchor?: Element | null;
}

/** Lets somebody choose an emoji: by eye, by name in either language, or of those used last. */
export function EmojiPicker({ onPick, onClose, anchor = null }: Props) {
  const app = useApp();
  const { i18n } = app;
  const t = emojiText(i18n);
  const place = useMemo(() => placeBeside(anchor), [anchor]);
  const part = panel.get();
  return (
    <Dialog
      class="emoji-picker"
      label={t("emoji.title")}
      testid="emoji-picker"
      style={place}
      onClose={onClose}
    >
      {part === null ? (
        <p class="emoji-wait" role="status">
          {t("emoji.loading")}
        </p>
      ) : (
        <part.EmojiPanel
          onPick={(picked) => {
            recentEmoji(app).used(picked);
            onPick(picked);
          }}
        />
      )}
    </Dialog>
  );
}

/** Above what opened it, or below where there is no room above; never out of the window. */
function placeBeside(anchor: Element | null): Record<string, string> {
  const within = (at: number, room: number) => `${Math.max(GAP, Math.min(at, room))}px`;
  const box = anchor?.getBoundingClientRect();
  const x = (box?.right ?? innerWidth) - WIDTH;
  const above = (box?.top ?? innerHeight) - HEIGHT - GAP;
  const y = above >= GAP || box === undefined ? above : box.bottom + GAP;
  return {
    "--x": within(x, innerWidth - WIDTH - GAP),
    "--y": within(y, innerHeight - HEIGHT - GAP),
  };
}

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { Dialog } from "../kit/dialog";
import { AnyIcon } from "../kit/later-icons";
import { deeds, QUICK, shownMessage, toggleReaction } from "./deeds";
import type { Deed } from "./deeds";
import { ownReactionsOf } from "./own-reactions";
import { placeBeside } from "./place";
import { talkText } from "./text";

interface Props {
  room: Room;
  seq: number;
  anchor: Element | null;
  onClose: () => void;
}

/** As in talk.css, in pixels. */
const SIZE = { width: 240, height: 330 };

/** Everything that can be done with a message: beside it, or on a phone from below. */
export function MessageMenu({ room, seq, anchor, onClose }: Props) {
  const app = useApp();
  const t = talkText(app.i18n);
  const menu = useRef<HTMLDivElement>(null);
  const place = useMemo(() => placeBeside(anchor, SIZE), [anchor]);
  const message = shownMessage(app, room, seq);
  const items = () => [...(menu.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
  useLayoutEffect(() => {
    items()[0]?.focus();
  }, []);
  if (message === undefined) return null;
  const own = ownReactionsOf(app);

  const run = (deed: Deed) => {
    onClose();
    // When the menu is gone and gave the focus back.
    setTimeout(() => deed.run(anchor));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const quick = QUICK.length;
    const inRow = at < quick;
    const to = {
      ArrowDown: inRow ? quick : at + 1,
      ArrowUp: inRow ? all.length - 1 : at === quick ? 0 : at - 1,
      ArrowRight: inRow ? (at + 1) % quick : at,
      ArrowLeft: inRow ? (at + quick - 1) % quick : at,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (event.key === "Tab") onClose();
    else if (to === undefined) return;
    else all.at(to % all.length)?.focus();
    event.preventDefault();
  };
  return (
    <Dialog class="menu" label={t("toolbar")} testid="message-menu" style={place} onClose={onClose}>
      <div ref={menu} role="menu" aria-label={t("toolbar")} onKeyDown={onKeyDown}>
        <div class="menu-quick" role="group">
          {QUICK.map((emoji) => (
            <button
              key={emoji}
              type="button"
              role="menuitemcheckbox"
              aria-checked={own.has(room, seq, emoji)}
              aria-label={t("react.with", { emoji })}
              data-emoji={emoji}
              tabIndex={-1}
              onClick={() => {
                onClose();
                toggleReaction(app, room, seq, emoji);
              }}
            >
              <span aria-hidden="true">{emoji}</span>
            </button>
          ))}
        </div>
        {deeds(app, room, message).map((deed) => (
          <button
            key={deed.name}
            type="button"
            role="menuitem"
            class="menu-item"
            data-deed={deed.name}
            tabIndex={-1}
            onClick={() => run(deed)}
          >
            <AnyIcon name={deed.icon} />
            <span>{t(deed.label)}</span>
            <kbd aria-hidden="true">{deed.key === "Delete" ? "Del" : deed.key.toUpperCase()}</kbd>
          </button>
        ))}
      </div>
    </Dialog>
  );
}

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import { Dialog } from "../../kit/dialog";
import { letterOf } from "../../kit/key-combos";
import { AnyIcon } from "../../kit/more-icons";
import { messageActions, QUICK, shownMessage, toggleReaction } from "./actions";
import type { MessageAction } from "./actions";
import { ownReactionsOf } from "./own-reactions";
import { actionsText } from "./strings";

interface Props {
  room: Room;
  seq: number;
  anchor: Element | null;
  onClose: () => void;
}

/** As in actions.css, in pixels. */
const SIZE = { width: 240, height: 330 };

/** Everything that can be done with a message: beside it, or on a phone from below. */
export function MessageMenu({ room, seq, anchor, onClose }: Props) {
  const app = useApp();
  const t = actionsText(app.i18n);
  const menu = useRef<HTMLDivElement>(null);
  const place = useMemo(() => placeBeside(anchor, SIZE), [anchor]);
  const message = shownMessage(app, room, seq);
  const items = () => [...(menu.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
  useLayoutEffect(() => {
    items()[0]?.focus();
  }, []);
  if (message === undefined) return null;
  const own = ownReactionsOf(app);

  const actions = messageActions(app, room, message);
  const run = (action: MessageAction) => {
    onClose();
    // When the menu is gone and gave the focus back.
    setTimeout(() => action.run(anchor));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
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
    // The keys that it shows.
    const key = event.key === "Delete" ? event.key : letterOf(event);
    const action = actions.find((each) => each.key === key);
    if (event.key === "Tab") onClose();
    else if (to !== undefined) all.at(to % all.length)?.focus();
    else if (action !== undefined) run(action);
    else return;
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
        {actions.map((action) => (
          <button
            key={action.name}
            type="button"
            role="menuitem"
            class="menu-item"
            data-deed={action.name}
            tabIndex={-1}
            onClick={() => run(action)}
          >
            <AnyIcon name={action.icon} />
            <span>{t(action.label)}</span>
            <kbd aria-hidden="true">
              {action.key === "Delete" ? "Del" : action.key.toUpperCase()}
            </kbd>
          </button>
        ))}
      </div>
    </Dialog>
  );
}

const GAP = 8;

/** Below what opened it, its right edges in line, or above where there is no room; in the window. */
export function placeBeside(
  anchor: Element | null,
  { width, height }: { width: number; height: number },
): Record<string, string> {
  const within = (at: number, room: number) => `${Math.max(GAP, Math.min(at, room))}px`;
  const box = anchor?.getBoundingClientRect();
  const x = (box?.right ?? innerWidth / 2) - width;
  const below = (box?.bottom ?? 0) + GAP;
  const y = below + height > innerHeight - GAP ? (box?.top ?? 0) - height - GAP : below;
  return {
    "--x": within(x, innerWidth - width - GAP),
    "--y": within(y, innerHeight - height - GAP),
  };
}

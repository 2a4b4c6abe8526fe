import { useRef } from "preact/hooks";
import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import { AnyIcon } from "../../kit/more-icons";
import { messageActions, QUICK, shownMessage, toggleReaction } from "./actions";
import { actionsText } from "./strings";

/** What can be done with a message, above its corner. One stop for Tab; arrows go on inside. */
export function Toolbar({ room, seq }: { room: Room; seq: number }) {
  const app = useApp();
  const t = actionsText(app.i18n);
  const bar = useRef<HTMLDivElement>(null);
  const message = shownMessage(app, room, seq);
  if (message === undefined) return null;
  const inBar = messageActions(app, room, message).filter(({ name }) => IN_BAR.has(name));
  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...(bar.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    buttons.at(to % buttons.length)?.focus();
  };
  return (
    <div class="tools">
      <div
        ref={bar}
        class="toolbar"
        role="toolbar"
        aria-label={t("toolbar")}
        data-testid="toolbar"
        onKeyDown={onKeyDown}
        // Who writes and points at a tool goes on writing.
        onMouseDown={(event) => event.preventDefault()}
      >
        {QUICK.map((emoji, index) => (
          <button
            key={emoji}
            type="button"
            class="tool quick"
            tabIndex={index === 0 ? 0 : -1}
            aria-label={t("react.with", { emoji })}
            title={t("react.with", { emoji })}
            data-emoji={emoji}
            onClick={() => toggleReaction(app, room, seq, emoji)}
          >
            <span aria-hidden="true">{emoji}</span>
          </button>
        ))}
        {inBar.map((action) => (
          <button
            key={action.name}
            type="button"
            class="tool"
            tabIndex={-1}
            aria-label={t(action.label)}
            title={t(action.label)}
            data-deed={action.name}
            onClick={(event) => action.run(event.currentTarget)}
          >
            <AnyIcon name={action.icon} />
          </button>
        ))}
        <button
          type="button"
          class="tool"
          tabIndex={-1}
          aria-label={t("more")}
          title={t("more")}
          aria-haspopup="menu"
          data-testid="more"
          onClick={(event) =>
            app.roomUi.open({ is: "menu", room, seq, anchor: event.currentTarget })
          }
        >
          <AnyIcon name="more" />
        </button>
      </div>
    </div>
  );
}

const IN_BAR: ReadonlySet<string> = new Set(["react", "reply", "edit"]);

import { useRef } from "preact/hooks";
import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { AnyIcon } from "../kit/later-icons";
import { deeds, QUICK, shownMessage, toggleReaction } from "./deeds";
import { talkText } from "./text";

/** What can be done with a message, above its corner. One stop for Tab; arrows go on inside. */
export function Toolbar({ room, seq }: { room: Room; seq: number }) {
  const app = useApp();
  const t = talkText(app.i18n);
  const bar = useRef<HTMLDivElement>(null);
  const message = shownMessage(app, room, seq);
  if (message === undefined) return null;
  const inBar = deeds(app, room, message).filter(({ name }) => IN_BAR.has(name));
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
    <div
      ref={bar}
      class="toolbar"
      role="toolbar"
      aria-label={t("toolbar")}
      data-testid="toolbar"
      onKeyDown={onKeyDown}
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
      {inBar.map((deed) => (
        <button
          key={deed.name}
          type="button"
          class="tool"
          tabIndex={-1}
          aria-label={t(deed.label)}
          title={t(deed.label)}
          data-deed={deed.name}
          onClick={(event) => deed.run(event.currentTarget)}
        >
          <AnyIcon name={deed.icon} />
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
        onClick={(event) => app.talk.open({ is: "menu", room, seq, anchor: event.currentTarget })}
      >
        <AnyIcon name="more" />
      </button>
    </div>
  );
}

const IN_BAR: ReadonlySet<string> = new Set(["react", "reply", "edit"]);

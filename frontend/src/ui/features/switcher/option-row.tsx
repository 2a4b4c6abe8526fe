import { useApp } from "../../context/app-context";
import { roomKey } from "../../../protocol/rules";
import { switcherText } from "./strings";
import { Icon } from "../../kit/icons";
import type { Option } from "./choices";

interface Props {
  id: string;
  option: Option;
  active: boolean;
  choose: () => void;
  /** The pointer came over it. */
  point: () => void;
}

export function OptionRow({ id, option, active, choose, point }: Props) {
  const t = switcherText(useApp().i18n);
  return (
    <li
      id={id}
      role="option"
      class="switcher-option"
      aria-selected={active}
      data-testid="switcher-option"
      data-is={option.is}
      data-room={option.name}
      // The focus stays in the field.
      onPointerDown={(event) => event.preventDefault()}
      onPointerMove={point}
      onClick={choose}
    >
      {option.is === "new" ? (
        <>
          <Icon name="plus" />
          <span class="room-name">{t("switcher.create", { room: option.name })}</span>
        </>
      ) : (
        <>
          <span class="room-mark" aria-hidden="true" />
          <span class="room-name">
            <Marked name={option.name} at={option.at} />
          </span>
          <About option={option} />
        </>
      )}
    </li>
  );
}

/** The letters that were meant stand out. */
function Marked({ name, at }: { name: string; at: readonly number[] }) {
  if (at.length === 0) return <>{name}</>;
  // By what the name looks like: the match went over its composed form.
  const letters = Array.from(name.normalize("NFC"));
  return (
    <>
      {letters.map((letter, index) =>
        at.includes(index) ? <mark key={index}>{letter}</mark> : letter,
      )}
    </>
  );
}

function About({ option }: { option: Exclude<Option, { is: "new" }> }) {
  const { client, router, i18n } = useApp();
  const t = switcherText(i18n);
  if (option.is === "other") {
    const { members } = option.info;
    return members === 0 ? null : (
      <span class="room-count">{t("switcher.people", { count: members })}</span>
    );
  }
  const { room } = option;
  if (router.room.value !== null && roomKey(router.room.value) === room.key) {
    return <span class="room-count">{t("switcher.here")}</span>;
  }
  const unread = room.read.count.value;
  return (
    <>
      {client.drafts.has(room.key) && <span class="room-count">{t("switcher.draft")}</span>}
      {unread > 0 && (
        <span class="badge" data-mentions={room.read.mentions.value > 0}>
          {t("switcher.unread", { count: unread })}
        </span>
      )}
    </>
  );
}

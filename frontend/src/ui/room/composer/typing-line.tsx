import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import { composerText } from "./strings";

/** Who types. Its height is always there, so that nothing moves when somebody starts. */
export function TypingLine({ room }: { room: Room }) {
  const t = composerText(useApp().i18n);
  const [a, b, ...more] = room.typing.users.value;
  let text = "";
  if (a !== undefined && b === undefined) text = t("typing.one", { a: a.name });
  else if (a !== undefined && b !== undefined) {
    text = more.length > 0 ? t("typing.many") : t("typing.two", { a: a.name, b: b.name });
  }
  return (
    <p class="typing" data-testid="typing" data-on={text !== ""}>
      {text !== "" && (
        <span class="dots" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
      )}
      {text}
    </p>
  );
}

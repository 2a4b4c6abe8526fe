import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import type { ComposerController } from "./composer-controller";

interface Props {
  room: Room;
  writing: ComposerController;
  takesFiles: boolean;
}

/** Where the text is written. */
export function TextBox({ room, writing, takesFiles }: Props) {
  const { client, i18n } = useApp();
  const { t } = i18n;
  const { box, typing, mentions, composing } = writing;
  const name = room.name.value;
  const list = mentions.completion.value;
  return (
    <textarea
      ref={box.ref}
      id="composer"
      rows={1}
      dir="auto"
      data-testid="composer"
      aria-label={
        composing.is === "edit" ? t("composer.edit") : t("composer.label", { room: name })
      }
      aria-describedby="composer-hint"
      aria-autocomplete="list"
      aria-controls={list?.isOpen === true ? list.listId : undefined}
      aria-activedescendant={list?.activeId ?? undefined}
      placeholder={t("composer.placeholder", { room: name })}
      enterkeyhint="send"
      autocomplete="off"
      onKeyDown={(event) => {
        if (!writing.command(event)) typing.onKey(event);
      }}
      onKeyUp={(event) => {
        typing.onKey(event);
        if (/^(?:Arrow(?:Left|Right)|Home|End)$/.test(event.key)) {
          mentions.look(event.currentTarget);
        }
      }}
      onClick={(event) => mentions.look(event.currentTarget)}
      onPaste={(event) => {
        const given = takesFiles ? pasted(event.clipboardData) : [];
        if (given.length === 0) return;
        event.preventDefault();
        writing.attach(given);
      }}
      onCompositionStart={typing.onComposition}
      onCompositionUpdate={typing.onComposition}
      onCompositionEnd={typing.onComposition}
      onBeforeInput={typing.onBeforeInput}
      onInput={(event) => {
        const el = event.currentTarget;
        typing.onInput(el.value, event);
        writing.wrote(el);
      }}
      onBlur={() => {
        if (!typing.isComposing) client.typist.stopped();
        setTimeout(() => {
          if (document.activeElement !== box.el) mentions.close();
        });
      }}
    />
  );
}

/**
 * The files of what is pasted. Office programs put a picture of a text beside it, and a file manager
 * the name beside the file: with a text that has markup, too, the text is meant.
 */
export function pasted(data: DataTransfer | null): File[] {
  if (data === null || data.files.length === 0) return [];
  const text = data.types.includes("text/plain") && data.types.includes("text/html");
  return text ? [] : [...data.files];
}

import { useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { MAX_BODY_CHARS } from "../../../protocol/generated";
import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import { Attaching } from "../../features/files/file-parts";
import { WritingAids } from "./parts";
import { Icon } from "../../kit/icons";
import { TextBox } from "./text-box";
import { ComposerController } from "./composer-controller";

/** The counter shows when this few characters are left. */
const NEAR_LIMIT = 200;

/** Remounted per room (by key): the draft, the undo history and a composition belong to one room. */
export function Composer({ room }: { room: Room }) {
  const app = useApp();
  const { client } = app;
  const writing = useMemo(() => new ComposerController(app, room), []);
  useDraft(writing);
  const { box, mentions, composing } = writing;
  const editing = composing.is === "edit";
  const list = mentions.completion.value;
  const aids = composing.is !== "new" || list !== null ? WritingAids.get() : WritingAids.here;
  const files = Attaching.here;
  const takesFiles = client.limits.value?.max_files !== 0 && !editing;
  const left = MAX_BODY_CHARS - box.length.value;
  return (
    <form
      class="composer"
      data-editing={editing ? "true" : undefined}
      onSubmit={(event) => {
        event.preventDefault();
        writing.submit();
      }}
    >
      {aids !== null && list !== null && <aids.MentionList completion={list} />}
      {aids !== null && composing.is !== "new" && (
        <aids.ComposeBar
          room={room}
          composing={composing}
          onCancel={() => {
            writing.done();
            box.el?.focus();
          }}
        />
      )}
      <div class="composer-box" data-over={left < 0} data-bar={composing.is !== "new"}>
        {files !== null && writing.attached.value > 0 && <files.Tray room={room} />}
        {takesFiles &&
          (files === null ? (
            <span class="icon-button attach-button" />
          ) : (
            <files.AttachButton onPick={(chosen) => writing.attach(chosen)} />
          ))}
        <TextBox room={room} writing={writing} takesFiles={takesFiles} />
        {aids === null ? (
          <span class="icon-button emoji-button" />
        ) : (
          <aids.EmojiButton writing={writing} />
        )}
        <SendButton writing={writing} tooLong={left < 0} />
      </div>
      <Foot left={left} />
    </form>
  );
}

/** What stands in the box follows what it is for, and is kept when the room is left. */
function useDraft(writing: ComposerController): void {
  const { client, surfaces, roomUi } = useApp();
  const { drafts } = client;
  const { box, mentions, composing } = writing;
  useSignalEffect(() => {
    if (drafts.elsewhere.value > 0) box.follow();
  });
  useLayoutEffect(() => {
    box.open();
    const answered = drafts.answered(writing.roomKey);
    if (answered !== null && composing.is === "new") roomUi.reply(writing.roomKey, answered);
    if (!surfaces.phone.value && surfaces.open.value === "none") box.el?.focus();
  }, []);
  // A layout effect: its end comes while the box is still there to be read.
  useLayoutEffect(() => {
    const keep = () => box.keep();
    const fit = () => box.fit();
    addEventListener("pagehide", keep);
    addEventListener("resize", fit);
    return () => {
      removeEventListener("pagehide", keep);
      removeEventListener("resize", fit);
      keep();
      client.typist.stopped();
      mentions.close();
      // What was being edited is as it was.
      if (!box.isDraft) writing.done();
    };
  }, []);
  // A phone's box has more room around its text.
  useLayoutEffect(() => box.fit(), [surfaces.phone.value]);
  const last = useRef(composing);
  useLayoutEffect(() => {
    if (composing === last.current) return;
    last.current = composing;
    if (composing.is !== "edit") drafts.answer(writing.roomKey, writing.answers);
    if (composing.is === "edit") box.edit(composing.body);
    else if (!box.isDraft) box.draft();
    mentions.close();
    box.el?.focus();
  }, [composing]);
}

function SendButton({ writing, tooLong }: { writing: ComposerController; tooLong: boolean }) {
  const { t } = useApp().i18n;
  const { box, composing, attached } = writing;
  const editing = composing.is === "edit";
  const name = t(editing ? "composer.save" : "composer.send");
  return (
    <button
      type="submit"
      class="send"
      aria-label={name}
      title={name}
      data-testid="send"
      disabled={(box.blank.value && (editing || attached.value === 0)) || tooLong}
      onPointerDown={(event) => event.preventDefault()}
    >
      <Icon name={editing ? "check" : "send"} />
    </button>
  );
}

function Foot({ left }: { left: number }) {
  const { t } = useApp().i18n;
  return (
    <p id="composer-hint" class="composer-foot" data-over={left < 0}>
      {left <= NEAR_LIMIT ? (
        <span data-testid="counter" aria-live="polite">
          {left >= 0 ? t("composer.left", { count: left }) : t("composer.over", { count: -left })}
        </span>
      ) : (
        <span class="hint">{t("composer.hint")}</span>
      )}
    </p>
  );
}

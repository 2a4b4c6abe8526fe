import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { MAX_BODY_CHARS } from "../../protocol/generated";
import type { User } from "../../protocol/generated";
import { characters, checkBody } from "../../protocol/rules";
import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { EmojiButton } from "../emoji/emoji-button";
import { AttachButton } from "../files/attach-button";
import { Attaching } from "../files/parts";
import { pasted } from "../files/pasted";
import { loadTalk, talkPart } from "../talk/part";
import { Icon } from "../kit/icons";
import { ImeComposer } from "./ime";
import type { ComposerEvent, Decision } from "./ime";
import { insert } from "./insert";
import type { Completion } from "./mention-list";
import { mentioned } from "./mention-model";

/** The counter shows when this few characters are left. */
const NEAR_LIMIT = 200;
/** A draft is stored when the typing pauses. */
const DRAFT_PAUSE_MS = 250;

/** What is sent: blank lines around it go, indentation of its first line stays. */
export function trimmedBody(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/u, "").replace(/\s+$/u, "");
}

/** Remounted per room (by key): the draft, the undo history and a composition belong to one room. */
export function Composer({ room }: { room: Room }) {
  const app = useApp();
  const { client, i18n, toasts, views, surfaces, talk } = app;
  const { t } = i18n;
  const box = useRef<HTMLTextAreaElement>(null);
  const ime = useMemo(() => new ImeComposer(), []);
  const length = useSignal(0);
  const blank = useSignal(true);
  const draftTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const composing = talk.composing(room.key).value;
  const editing = composing.is === "edit";
  /** What is in the box is a draft, not a message that is being edited. */
  const drafting = useRef(true);
  const completion = useSignal<Completion | null>(null);
  /** Chosen from the list: a name alone may be two people's. */
  const chosen = useRef<User[]>([]);

  // Not the uploads themselves: each step of each would draw the box again.
  const attached = useComputed(() => client.uploads.tray(room.key).length).value;
  const unsolved = useComputed(() =>
    client.uploads.tray(room.key).some(({ stage }) => stage.is === "failed"),
  );
  const takesFiles = client.limits.value?.max_files !== 0;
  const files = attached > 0 ? Attaching.get() : null;
  const attach = (chosen: readonly File[]) => {
    box.current?.focus();
    Attaching.fetch().then(
      (part) => part.attach(app, room, chosen),
      () => toasts.say(t("part.failed"), "error"),
    );
  };

  const keepDraft = () => {
    clearTimeout(draftTimer.current);
    if (box.current !== null && drafting.current) {
      client.drafts.set(room.key, box.current.value);
    }
  };
  const changed = () => {
    const el = box.current;
    if (el === null) return;
    grow(el);
    length.value = characters(el.value);
    blank.value = el.value.trim() === "";
    clearTimeout(draftTimer.current);
    draftTimer.current = setTimeout(keepDraft, DRAFT_PAUSE_MS);
  };
  const put = (text: string) => {
    const el = box.current;
    if (el === null) return;
    el.value = text;
    el.setSelectionRange(text.length, text.length);
    changed();
  };
  const empty = () => {
    put("");
    keepDraft();
    chosen.current = [];
  };
  const mentionsIn = (text: string) => {
    const before = composing.is === "edit" ? composing.mentions : [];
    const people = [...chosen.current, ...before, ...room.roster.users.value];
    const users = mentioned(text, people);
    return users.length === 0 ? {} : { mentions: users };
  };

  const save = (text: string) => {
    if (composing.is !== "edit") return;
    const { seq, body } = composing;
    talk.done(room.key);
    if (text === body) return;
    client.change(room, { kind: "edit", target: seq, body: text, ...mentionsIn(text) });
  };
  const say = (text: string) => {
    const extras = mentionsIn(text);
    empty();
    const view = views.of(room.key);
    view.divider.clear();
    client.send(room, text, {
      ...extras,
      ...(composing.is === "reply" ? { reply_to: composing.to } : {}),
    });
    talk.done(room.key);
    view.written.value += 1;
  };
  const send = () => {
    const el = box.current;
    if (el === null || completion.value?.take() === true) return;
    const raw = el.value;
    const body = checkBody(trimmedBody(raw));
    const alone = !body.ok && body.rule === "empty" && !editing && attached > 0;
    if (!editing && unsolved.value) {
      toasts.say(t("file.unsolved"), "error");
    } else if (body.ok || alone) {
      const text = body.ok ? body.value : "";
      ime.sent(raw, Date.now());
      if (editing) save(text);
      else say(text);
    } else if (body.rule === "empty") {
      // Nothing left of a message: is it to go?
      if (composing.is === "edit") {
        talk.done(room.key);
        talk.open({ is: "delete", room, seq: composing.seq });
      } else empty();
    } else if (body.rule === "forbidden") {
      toasts.say(t("composer.forbidden"), "error");
    }
    // Too long: the counter says so, the text stays.
  };

  /** Makes the input method commit: only losing the focus does so everywhere. */
  const commit = () => {
    box.current?.blur();
    box.current?.focus();
  };
  /** When what is being composed is written. */
  const settled = (then: () => void) => {
    if (ime.isComposing) {
      commit();
      setTimeout(then);
    } else then();
  };
  const lookForMention = () => {
    const el = box.current;
    if (el === null) return;
    if (completion.value !== null) completion.value.update();
    else if (el.value.includes("@")) {
      const choose = (user: User) => void chosen.current.unshift(user);
      loadTalk().then(
        (part) => {
          completion.value ??= new part.Completion(app, room, el, choose, settled);
          completion.value.update();
        },
        () => undefined,
      );
    }
  };
  const obey = (decision: Decision, event?: Event) => {
    if (decision.prevent) event?.preventDefault();
    if (decision.commit) setTimeout(commit);
    if (decision.clear) empty();
    if (decision.send === "now") send();
    if (decision.send === "soon") {
      setTimeout(() => obey(ime.handle({ type: "due", at: Date.now() })));
    }
    if (decision.overdueIn !== null) {
      setTimeout(() => obey(ime.handle({ type: "overdue", at: Date.now() })), decision.overdueIn);
    }
  };
  const tell = (story: ComposerEvent, event: Event) => obey(ime.handle(story), event);
  const key = (type: "keydown" | "keyup", event: KeyboardEvent) =>
    tell(
      {
        type,
        key: event.key,
        code: event.code,
        // 229 is the only sign that every browser gives of a key the input method took.
        // eslint-disable-next-line @typescript-eslint/no-deprecated
        keyCode: event.keyCode,
        isComposing: event.isComposing,
        shift: event.shiftKey,
        alt: event.altKey,
        repeat: event.repeat,
        at: Date.now(),
      },
      event,
    );

  const clickSend = () => {
    box.current?.focus();
    completion.value?.close();
    settled(send);
  };
  /** What a key means to more than the text; whether it was that. */
  const command = (event: KeyboardEvent): boolean => {
    if (completion.value?.key(event) === true) return true;
    if (ime.isComposing || event.isComposing) return false;
    const plain = !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Escape" && composing.is !== "new") talk.done(room.key);
    else if (event.key === "ArrowUp" && plain && event.currentTarget === box.current) {
      if (box.current?.value !== "" || composing.is !== "new") return false;
      void loadTalk().then(
        (part) => part.editLast(app, room),
        () => undefined,
      );
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };

  useLayoutEffect(() => {
    const el = box.current;
    if (el === null) return;
    el.value = client.drafts.get(room.key);
    changed();
    clearTimeout(draftTimer.current);
    if (!surfaces.phone.value && surfaces.open.value === "none") el.focus();
  }, []);
  // A layout effect: its end comes while the box is still there to be read.
  useLayoutEffect(() => {
    addEventListener("pagehide", keepDraft);
    return () => {
      removeEventListener("pagehide", keepDraft);
      keepDraft();
      client.typist.stopped();
      completion.value?.close();
      // What was being edited is as it was.
      if (!drafting.current) talk.done(room.key);
    };
  }, []);
  const last = useRef(composing);
  useLayoutEffect(() => {
    if (composing === last.current) return;
    last.current = composing;
    if (composing.is === "edit") {
      keepDraft();
      drafting.current = false;
      put(composing.body);
    } else if (!drafting.current) {
      drafting.current = true;
      put(client.drafts.get(room.key));
    }
    completion.value?.close();
    box.current?.focus();
  }, [composing]);

  const left = MAX_BODY_CHARS - length.value;
  const name = room.name.value;
  const part = composing.is !== "new" || completion.value !== null ? talkPart() : null;
  const list = completion.value;
  return (
    <form
      class="composer"
      data-editing={editing ? "true" : undefined}
      onSubmit={(event) => {
        event.preventDefault();
        clickSend();
      }}
    >
      {part !== null && list !== null && <part.MentionList completion={list} />}
      {part !== null && composing.is !== "new" && (
        <part.ComposeBar
          room={room}
          composing={composing}
          onCancel={() => {
            talk.done(room.key);
            box.current?.focus();
          }}
        />
      )}
      <div class="composer-box" data-over={left < 0} data-bar={composing.is !== "new"}>
        {files !== null && <files.Tray room={room} />}
        {takesFiles && !editing && <AttachButton onPick={attach} />}
        <textarea
          ref={box}
          id="composer"
          rows={1}
          data-testid="composer"
          aria-label={editing ? t("composer.edit") : t("composer.label", { room: name })}
          aria-describedby="composer-hint"
          aria-autocomplete="list"
          aria-controls={list?.isOpen === true ? list.listId : undefined}
          aria-activedescendant={list?.activeId ?? undefined}
          placeholder={t("composer.placeholder", { room: name })}
          enterkeyhint="send"
          autocomplete="off"
          onKeyDown={(event) => {
            if (!command(event)) key("keydown", event);
          }}
          onKeyUp={(event) => {
            key("keyup", event);
            if (/^(?:Arrow(?:Left|Right)|Home|End)$/.test(event.key)) lookForMention();
          }}
          onClick={lookForMention}
          onPaste={(event) => {
            const given = takesFiles && !editing ? pasted(event.clipboardData) : [];
            if (given.length === 0) return;
            event.preventDefault();
            attach(given);
          }}
          onCompositionStart={(event) => tell({ type: "compositionstart", at: Date.now() }, event)}
          onCompositionUpdate={(event) =>
            tell({ type: "compositionupdate", data: event.data, at: Date.now() }, event)
          }
          onCompositionEnd={(event) =>
            tell(
              {
                type: "compositionend",
                data: event.data,
                value: event.currentTarget.value,
                at: Date.now(),
              },
              event,
            )
          }
          onBeforeInput={(event) =>
            tell({ type: "beforeinput", inputType: event.inputType, at: Date.now() }, event)
          }
          onInput={(event) => {
            const { value } = event.currentTarget;
            tell({ type: "input", value, at: Date.now() }, event);
            changed();
            lookForMention();
            if (value.trim() === "" || editing) client.typist.stopped();
            else client.typist.typed(room);
          }}
          onBlur={() => {
            if (!ime.isComposing) client.typist.stopped();
            setTimeout(() => {
              if (document.activeElement !== box.current) completion.value?.close();
            });
          }}
        />
        <EmojiButton
          onOpen={() => {
            if (ime.isComposing) commit();
          }}
          onPick={(emoji) => {
            if (box.current !== null) insert(box.current, emoji);
          }}
        />
        <button
          type="submit"
          class="send"
          aria-label={t(editing ? "composer.save" : "composer.send")}
          title={t(editing ? "composer.save" : "composer.send")}
          data-testid="send"
          disabled={(blank.value && (editing || attached === 0)) || left < 0}
          onPointerDown={(event) => event.preventDefault()}
        >
          <Icon name={editing ? "check" : "send"} />
        </button>
      </div>
      <p id="composer-hint" class="composer-foot" data-over={left < 0}>
        {left <= NEAR_LIMIT ? (
          <span data-testid="counter" aria-live="polite">
            {left >= 0 ? t("composer.left", { count: left }) : t("composer.over", { count: -left })}
          </span>
        ) : (
          <span class="hint">{t("composer.hint")}</span>
        )}
      </p>
    </form>
  );
}

/** As tall as its text, up to the height the style sheet allows. */
function grow(el: HTMLTextAreaElement): void {
  el.style.height = "auto";
  el.style.height = `${el.scrollHeight}px`;
}

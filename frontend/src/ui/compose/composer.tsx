import { useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { MAX_BODY_CHARS } from "../../protocol/generated";
import { characters, checkBody } from "../../protocol/rules";
import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { EmojiButton } from "../emoji/emoji-button";
import { Icon } from "../kit/icons";
import { ImeComposer } from "./ime";
import type { ComposerEvent, Decision } from "./ime";

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
  const { client, i18n, toasts, views, surfaces } = useApp();
  const { t } = i18n;
  const box = useRef<HTMLTextAreaElement>(null);
  const ime = useMemo(() => new ImeComposer(), []);
  const length = useSignal(0);
  const blank = useSignal(true);
  const draftTimer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const keepDraft = () => {
    clearTimeout(draftTimer.current);
    if (box.current !== null) client.drafts.set(room.key, box.current.value);
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
  const empty = () => {
    if (box.current === null) return;
    box.current.value = "";
    changed();
    keepDraft();
  };

  const send = () => {
    const el = box.current;
    if (el === null) return;
    const raw = el.value;
    const body = checkBody(trimmedBody(raw));
    if (body.ok) {
      ime.sent(raw, Date.now());
      empty();
      const view = views.of(room.key);
      view.divider.clear();
      client.send(room, body.value);
      view.written.value += 1;
    } else if (body.rule === "empty") {
      empty();
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
    if (ime.isComposing) {
      commit();
      setTimeout(send);
    } else send();
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
    };
  }, []);

  const left = MAX_BODY_CHARS - length.value;
  const name = room.name.value;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        clickSend();
      }}
    >
      <div class="composer-box" data-over={left < 0}>
        <textarea
          ref={box}
          id="composer"
          rows={1}
          data-testid="composer"
          aria-label={t("composer.label", { room: name })}
          aria-describedby="composer-hint"
          placeholder={t("composer.placeholder", { room: name })}
          enterkeyhint="send"
          autocomplete="off"
          onKeyDown={(event) => key("keydown", event)}
          onKeyUp={(event) => key("keyup", event)}
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
            if (value.trim() === "") client.typist.stopped();
            else client.typist.typed(room);
          }}
          onBlur={() => {
            if (!ime.isComposing) client.typist.stopped();
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
          aria-label={t("composer.send")}
          title={t("composer.send")}
          data-testid="send"
          disabled={blank.value || left < 0}
          onPointerDown={(event) => event.preventDefault()}
        >
          <Icon name="send" />
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

/** Puts a text where the cursor is, as if it were typed: it can be undone, and `input` tells of it. */
function insert(el: HTMLTextAreaElement, text: string): void {
  el.focus();
  // The only way that keeps the box's undo history; no standard has another one.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  if (document.execCommand("insertText", false, text)) return;
  el.setRangeText(text, el.selectionStart, el.selectionEnd, "end");
  el.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

/** As tall as its text, up to the height the style sheet allows. */
function grow(el: HTMLTextAreaElement): void {
  el.style.height = "auto";
  el.style.height = `${el.scrollHeight}px`;
}

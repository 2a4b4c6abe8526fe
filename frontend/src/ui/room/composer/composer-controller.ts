// Writing in one room: what becomes of the text in the box, and of the keys that mean more than text.

import { computed } from "@preact/signals";
import { checkBody } from "../../../protocol/rules";
import type { Room } from "../../../store/room";
import type { App } from "../../context/app-context";
import { MessageActions } from "../actions/parts";
import { Attaching } from "../../features/files/file-parts";
import { DraftBox } from "./draft-box";
import { Mentions } from "./mentions";
import { ComposerInput } from "./composer-input";

/** What is sent: blank lines around it go, indentation of its first line stays. */
export function trimmedBody(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/u, "").replace(/\s+$/u, "");
}

export class ComposerController {
  readonly box: DraftBox;
  readonly typing: ComposerInput;
  readonly mentions: Mentions;
  /** How many files go with the message: not they themselves, each step of which would draw anew. */
  readonly attached = computed(() => this.app.client.uploads.tray(this.room.key).length);
  private readonly unsolved = computed(() =>
    this.app.client.uploads.tray(this.room.key).some(({ stage }) => stage.is === "failed"),
  );

  constructor(
    private readonly app: App,
    private readonly room: Room,
  ) {
    this.box = new DraftBox(app.client.drafts, room);
    this.typing = new ComposerInput({
      el: () => this.box.el,
      send: () => this.send(),
      clear: () => this.empty(),
    });
    this.mentions = new Mentions(app, room, this.typing.settled);
  }

  get roomKey(): string {
    return this.room.key;
  }

  /** The message that is answered. */
  get answers() {
    const { composing } = this;
    return composing.is === "reply" ? composing.to : null;
  }

  get composing() {
    return this.app.roomUi.composing(this.room.key).value;
  }

  /** The button was pressed, or the form sent by other means. */
  submit(): void {
    this.box.el?.focus();
    this.mentions.close();
    this.typing.settled(() => this.send());
  }

  /** Back to a new message. */
  done(): void {
    this.app.roomUi.done(this.room.key);
  }

  attach(files: readonly File[]): void {
    const { app, room } = this;
    this.box.el?.focus();
    Attaching.fetch().then(
      (part) => part.attach(app, room, files),
      () => app.toasts.say(app.i18n.t("part.failed"), "error"),
    );
  }

  /** What a key means to more than the text; whether it was that. */
  command(event: KeyboardEvent): boolean {
    if (this.mentions.key(event)) return true;
    if (this.typing.isComposing || event.isComposing) return false;
    const { is } = this.composing;
    const plain = !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Escape" && is !== "new") this.done();
    else if (event.key === "ArrowUp" && plain && is === "new" && this.box.el?.value === "") {
      this.editLast();
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** Somebody wrote. */
  wrote(el: HTMLTextAreaElement): void {
    const { typist } = this.app.client;
    this.box.changed();
    this.mentions.look(el);
    if (el.value.trim() === "" || this.composing.is === "edit") typist.stopped();
    else typist.typed(this.room);
  }

  private send(): void {
    const { el } = this.box;
    if (el === null || this.mentions.take()) return;
    const { composing, app } = this;
    const editing = composing.is === "edit";
    const body = checkBody(trimmedBody(el.value));
    const alone = !body.ok && body.rule === "empty" && !editing && this.attached.value > 0;
    if (!editing && this.unsolved.value) {
      // It could not fail without that part.
      Attaching.here?.offerWithout(app, this.room, () => this.send());
    } else if (body.ok || alone) {
      const text = body.ok ? body.value : "";
      this.typing.sent(el.value);
      if (editing) this.save(text);
      else this.say(text);
    } else if (body.rule === "empty") {
      this.leaveEmpty();
    } else if (body.rule === "forbidden") {
      app.toasts.say(app.i18n.t("composer.forbidden"), "error");
    }
    // Too long: the counter says so, the text stays.
  }

  private say(text: string): void {
    const { composing, room } = this;
    const { client, views } = this.app;
    const extras = {
      ...this.mentions.of(text),
      ...(composing.is === "reply" ? { reply_to: composing.to } : {}),
    };
    this.empty();
    const view = views.of(room.key);
    view.divider.clear();
    client.send(room, text, extras);
    this.done();
    view.written.value += 1;
  }

  private save(text: string): void {
    const { composing, room } = this;
    if (composing.is !== "edit") return;
    const { seq, body, mentions } = composing;
    this.done();
    if (text === body) return;
    const mentioned = this.mentions.of(text, mentions);
    this.app.client.change(room, { kind: "edit", target: seq, body: text, ...mentioned });
  }

  /** Nothing is left: of a message that was edited, it is asked whether it is to go. */
  private leaveEmpty(): void {
    const { composing, room } = this;
    if (composing.is !== "edit") {
      this.empty();
      return;
    }
    this.done();
    this.app.roomUi.open({ is: "delete", room, seq: composing.seq });
  }

  private editLast(): void {
    MessageActions.fetch().then(
      (part) => part.editLast(this.app, this.room),
      () => undefined,
    );
  }

  private empty(): void {
    this.box.empty();
    this.mentions.forget();
  }
}

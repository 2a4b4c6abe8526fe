// From what the browser tells of the keyboard and the input method to what the box does.

import { ImeComposer } from "./ime";
import type { ComposerEvent, Decision } from "./ime";

interface Ends {
  el(): HTMLTextAreaElement | null;
  send(): void;
  clear(): void;
}

export class ComposerInput {
  private readonly ime = new ImeComposer();

  constructor(private readonly ends: Ends) {}

  get isComposing(): boolean {
    return this.ime.isComposing;
  }

  /** The text was read, and goes. */
  sent(text: string): void {
    this.ime.sent(text, Date.now());
  }

  readonly onKey = (event: KeyboardEvent): void => {
    this.tell(
      {
        type: event.type === "keyup" ? "keyup" : "keydown",
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
  };

  readonly onComposition = (event: CompositionEvent): void => {
    const { data } = event;
    const at = Date.now();
    switch (event.type) {
      case "compositionstart":
        this.tell({ type: "compositionstart", at }, event);
        return;
      case "compositionupdate":
        this.tell({ type: "compositionupdate", data, at }, event);
        return;
      default:
        this.tell({ type: "compositionend", data, value: this.ends.el()?.value ?? "", at }, event);
    }
  };

  readonly onBeforeInput = (event: InputEvent): void => {
    this.tell({ type: "beforeinput", inputType: event.inputType, at: Date.now() }, event);
  };

  onInput(value: string, event: Event): void {
    this.tell({ type: "input", value, at: Date.now() }, event);
  }

  /** Makes the input method commit: only losing the focus does so everywhere. */
  commit(): void {
    const el = this.ends.el();
    el?.blur();
    el?.focus();
  }

  /** When what is being composed is written. */
  readonly settled = (then: () => void): void => {
    if (this.ime.isComposing) {
      this.commit();
      setTimeout(then);
    } else then();
  };

  private tell(story: ComposerEvent, event?: Event): void {
    this.obey(this.ime.handle(story), event);
  }

  private obey(decision: Decision, event?: Event): void {
    if (decision.prevent) event?.preventDefault();
    if (decision.commit) setTimeout(() => this.commit());
    if (decision.clear) this.ends.clear();
    if (decision.send === "now") this.ends.send();
    if (decision.send === "soon") {
      setTimeout(() => this.tell({ type: "due", at: Date.now() }));
    }
    if (decision.overdueIn !== null) {
      setTimeout(() => this.tell({ type: "overdue", at: Date.now() }), decision.overdueIn);
    }
  }
}

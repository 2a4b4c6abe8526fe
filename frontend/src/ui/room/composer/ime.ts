// When does Enter send? A pure model, because every browser tells the story of one key press in
// another order while a Hangul syllable is being composed:
//
//   Chromium  keydown(229, composing) → compositionend → sometimes a second keydown(13) → keyup
//   Firefox   keydown(composing) → compositionend → keyup
//   Safari    compositionend → keydown(229, not composing) → keyup
//   ibus      compositionend → keydown(13) → keyup
//
// The rule: one physical Enter (from its keydown to its keyup) sends exactly once, after the last
// syllable is committed. Kana and pinyin differ: there Enter only picks what the input method
// offers, so a composition that isn't Hangul never sends.

export interface KeyStory {
  type: "keydown" | "keyup";
  key: string;
  code: string;
  keyCode: number;
  isComposing: boolean;
  shift?: boolean;
  alt?: boolean;
  repeat?: boolean;
  at: number;
}

export type ComposerEvent =
  | KeyStory
  | { type: "compositionstart"; at: number }
  | { type: "compositionupdate"; data: string; at: number }
  | { type: "compositionend"; data: string; value: string; at: number }
  | { type: "beforeinput"; inputType: string; at: number }
  | { type: "input"; value: string; at: number }
  /** The composition that Enter should have ended is still there. */
  | { type: "overdue"; at: number }
  /** The task that `soon` asked for. */
  | { type: "due"; at: number };

export interface Decision {
  /** Keep the browser from doing what the event stands for. */
  prevent: boolean;
  /**
   * `soon`: in a task of its own, when the browser has written the committed text: report `due`
   * from there. A next key that is faster than that task sends before it writes anything.
   */
  send: "now" | "soon" | null;
  /** Make the input method commit (by taking the focus away and giving it back). */
  commit: boolean;
  /** Empty the box: what stands in it was sent already. */
  clear: boolean;
  /** Report `overdue` after this many milliseconds. */
  overdueIn: number | null;
}

interface Press {
  /** `armed` sends when the composition ends; `newline` and `pick` leave Enter to others. */
  phase: "armed" | "sent" | "newline" | "pick";
  at: number;
  up: boolean;
}

/** A keyup can get lost (another window took it); then a press ends by itself. */
const PRESS_MS = 500;
/** An input method that was asked by Enter ends its composition within this. */
const ARMED_MS = 1_500;
/** …and is helped after this. */
const OVERDUE_MS = 250;
/** Safari's keydown follows the end of the composition it caused within this. */
const SAME_PRESS_MS = 120;
/** What a confused input method writes back after the box was emptied comes within this. */
const RESIDUE_MS = 400;

const HANGUL = /\p{Script=Hangul}/u;
const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock"]);
const PASS: Decision = { prevent: false, send: null, commit: false, clear: false, overdueIn: null };
const SWALLOW: Decision = { ...PASS, prevent: true };

export class ImeComposer {
  private composing = false;
  /** What is being composed; empty when the browser didn't say. */
  private data = "";
  private ended: { at: number; hangul: boolean } | null = null;
  private press: Press | null = null;
  /** The text sent last, until the next key: what may come back as residue. */
  private last: { text: string; at: number } | null = null;
  /** `soon` was said, and nothing sent since. */
  private owed = false;
  /** A next key paid what was owed: what it writes is no residue. */
  private typingOn = false;

  get isComposing(): boolean {
    return this.composing;
  }

  /** The box was read, sent and emptied. */
  sent(text: string, at: number): void {
    this.last = this.typingOn ? null : { text, at };
    this.typingOn = false;
  }

  handle(event: ComposerEvent): Decision {
    const decision = this.decide(event);
    if (decision.send === "soon") this.owed = true;
    else if (decision.send === "now") this.owed = false;
    return decision;
  }

  private decide(event: ComposerEvent): Decision {
    switch (event.type) {
      case "keydown":
        return isEnter(event) ? this.enterDown(event) : this.otherDown(event);
      case "keyup":
        if (isEnter(event)) this.enterUp();
        return PASS;
      case "compositionstart":
        this.composing = true;
        this.data = "";
        this.last = null;
        return this.collect(true);
      case "compositionupdate":
        if (event.data !== "") this.data = event.data;
        return PASS;
      case "compositionend":
        return this.compositionEnd(event);
      case "beforeinput":
        return this.beforeInput(event.inputType, event.at);
      case "input":
        return this.isResidue(event.value, event.at) ? { ...PASS, clear: true } : PASS;
      case "due":
        return this.collect(false);
      case "overdue":
        return this.press?.phase === "armed" && this.composing ? { ...PASS, commit: true } : PASS;
    }
  }

  private enterDown(event: KeyStory): Decision {
    if (event.shift === true || event.alt === true) {
      this.press = { phase: "newline", at: event.at, up: false };
      return PASS;
    }
    const press = this.press;
    if (press !== null && press.phase !== "newline" && event.at - press.at < PRESS_MS) {
      // Chromium's second keydown of one press, or the key held down.
      return press.phase === "armed" && this.composing ? PASS : SWALLOW;
    }
    if (event.repeat === true) return SWALLOW;
    if (this.composing || event.isComposing) return this.enterInComposition(event.at);
    if (event.keyCode === 229) return this.enterAfterComposition(event.at);
    this.press = { phase: "sent", at: event.at, up: false };
    return { ...SWALLOW, send: "now" };
  }

  private enterInComposition(at: number): Decision {
    if (this.data !== "" && !HANGUL.test(this.data)) {
      this.press = { phase: "pick", at, up: false };
      return PASS;
    }
    this.press = { phase: "armed", at, up: false };
    return { ...PASS, overdueIn: OVERDUE_MS };
  }

  /** Safari: the composition ended just before the keydown of the Enter that ended it. */
  private enterAfterComposition(at: number): Decision {
    const ended = this.ended;
    // A virtual keyboard reports every key as 229; `beforeinput` tells which was Enter.
    if (ended === null || at - ended.at > SAME_PRESS_MS) return PASS;
    this.press = { phase: ended.hangul ? "sent" : "pick", at, up: false };
    return ended.hangul ? { ...SWALLOW, send: "soon" } : PASS;
  }

  private otherDown(event: KeyStory): Decision {
    if (MODIFIERS.has(event.key)) return PASS;
    this.press = null;
    this.last = null;
    return this.collect(true);
  }

  private collect(typingOn: boolean): Decision {
    if (!this.owed) return PASS;
    this.typingOn = typingOn;
    return { ...PASS, send: "now" };
  }

  private enterUp(): void {
    if (this.press?.phase === "armed") this.press.up = true;
    else this.press = null;
  }

  private compositionEnd(event: Extract<ComposerEvent, { type: "compositionend" }>): Decision {
    const text = event.data === "" ? this.data : event.data;
    this.composing = false;
    this.data = "";
    this.ended = { at: event.at, hangul: HANGUL.test(text) };
    const press = this.press;
    if (press?.phase === "armed") {
      const due = event.at - press.at < ARMED_MS;
      this.press = due && !press.up ? { ...press, phase: "sent" } : null;
      if (due) return { ...PASS, send: "soon" };
    }
    return this.isResidue(event.value, event.at) ? { ...PASS, clear: true } : PASS;
  }

  private beforeInput(inputType: string, at: number): Decision {
    if (inputType !== "insertLineBreak" && inputType !== "insertParagraph") return PASS;
    const press = this.press;
    if (press === null) {
      // A virtual keyboard's Enter: no keydown said so.
      this.press = { phase: this.composing ? "armed" : "sent", at, up: true };
      return this.composing ? { ...SWALLOW, commit: true } : { ...SWALLOW, send: "soon" };
    }
    if (press.phase === "newline" || press.phase === "pick") return PASS;
    return { ...SWALLOW, commit: press.phase === "armed" && this.composing };
  }

  private isResidue(value: string, at: number): boolean {
    if (this.last === null || at - this.last.at > RESIDUE_MS || value === "") return false;
    return this.last.text.endsWith(value.trim());
  }
}

function isEnter(event: { key: string; code: string }): boolean {
  return event.key === "Enter" || event.code === "Enter" || event.code === "NumpadEnter";
}

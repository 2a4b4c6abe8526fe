import { describe, expect, it } from "vitest";
import { ImeComposer } from "../src/ui/room/composer/ime";
import type { ComposerEvent, Decision, KeyStory } from "../src/ui/room/composer/ime";

/**
 * A text box and the composer's obedience, without a browser. Timers of 0 ms run when `tasks` are
 * due; the story of a browser says when that is, as a busy page may be slower than a finger.
 */
class Box {
  value = "";
  readonly sent: string[] = [];
  at = 1_000_000;
  /** What the browser would have done, had nothing prevented it. */
  newlines = 0;
  private composed = "";
  private tasks: { due: number; run: () => void }[] = [];
  private readonly ime = new ImeComposer();

  get composing(): boolean {
    return this.ime.isComposing;
  }

  /** The story as `composer.tsx` tells it. */
  tell(event: ComposerEvent): boolean {
    const decision = this.ime.handle(event);
    this.obey(decision);
    return decision.prevent;
  }

  private obey(decision: Decision): void {
    if (decision.commit) this.later(0, () => this.blur());
    if (decision.clear) this.value = "";
    if (decision.send === "now") this.send();
    if (decision.send === "soon") {
      this.later(0, () => this.obey(this.ime.handle({ type: "due", at: this.at })));
    }
    if (decision.overdueIn !== null) {
      this.later(decision.overdueIn, () =>
        this.obey(this.ime.handle({ type: "overdue", at: this.at })),
      );
    }
  }

  private send(): void {
    const text = this.value;
    if (text.trim() === "") return;
    this.ime.sent(text, this.at);
    this.value = "";
    this.sent.push(text);
  }

  private later(ms: number, run: () => void): void {
    this.tasks.push({ due: this.at + ms, run });
  }

  /** Time goes on, and the tasks that are due run. */
  wait(ms: number): void {
    const end = this.at + ms;
    for (;;) {
      const next = this.tasks.filter((t) => t.due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.tasks.splice(this.tasks.indexOf(next), 1);
      this.at = Math.max(this.at, next.due);
      next.run();
    }
    this.at = end;
  }

  /** The next event comes a moment later, before any task ran. */
  private tick(): void {
    this.at += 1;
  }

  keydown(key: string, more: Partial<KeyStory> = {}): boolean {
    this.tick();
    const code = more.code ?? (key.length === 1 ? `Key${key.toUpperCase()}` : key);
    const keyCode = key === "Enter" ? 13 : 65;
    const at = this.at;
    return this.tell({ key, code, keyCode, isComposing: false, ...more, type: "keydown", at });
  }

  keyup(key: string, more: Partial<KeyStory> = {}): void {
    this.tick();
    const base = { key, code: key, keyCode: 13, isComposing: false };
    this.tell({ ...base, ...more, type: "keyup", at: this.at });
  }

  start(): void {
    this.tick();
    this.composed = "";
    this.tell({ type: "compositionstart", at: this.at });
  }

  update(data: string): void {
    this.tick();
    this.tell({ type: "compositionupdate", data, at: this.at });
    this.value = this.value.slice(0, this.value.length - this.composed.length) + data;
    this.composed = data;
    this.input();
  }

  input(): void {
    this.tell({ type: "input", value: this.value, at: this.at });
  }

  end(data = this.composed): void {
    this.tick();
    this.composed = "";
    this.tell({ type: "compositionend", data, value: this.value, at: this.at });
  }

  blur(): void {
    if (this.composing) this.end();
  }

  /** The browser's default of Enter, when the keydown was let through. */
  lineBreak(): void {
    this.tick();
    if (this.tell({ type: "beforeinput", inputType: "insertLineBreak", at: this.at })) return;
    this.newlines += 1;
    this.value += "\n";
    this.input();
  }

  /** A letter without any input method. */
  type(text: string): void {
    for (const letter of text) {
      this.keydown(letter);
      this.tick();
      this.tell({ type: "beforeinput", inputType: "insertText", at: this.at });
      this.value += letter;
      this.input();
      this.keyup(letter, { code: `Key${letter}`, keyCode: 65 });
      this.wait(40);
    }
  }

  /** Syllables; the last stays in composition. */
  compose(...syllables: string[]): void {
    syllables.forEach((syllable, i) => {
      this.keydown("Process", { code: "KeyR", keyCode: 229, isComposing: this.composing });
      if (i > 0) this.end();
      this.start();
      this.update(syllable);
      this.wait(60);
    });
  }
}

const ENTER_229 = { code: "Enter", keyCode: 229 };

/** One press of Enter while a syllable is in composition, as each platform tells it. */
const stories: Record<string, (box: Box) => void> = {
  "Chromium on Windows: 229, end, a second keydown with 13": (box) => {
    box.keydown("Process", { ...ENTER_229, isComposing: true });
    box.end();
    if (!box.keydown("Enter")) box.lineBreak();
    box.wait(60);
    box.keyup("Enter");
  },
  "Chromium on Windows, slower: the task runs before the second keydown": (box) => {
    box.keydown("Process", { ...ENTER_229, isComposing: true });
    box.end();
    box.wait(5);
    if (!box.keydown("Enter")) box.lineBreak();
    box.wait(60);
    box.keyup("Enter");
  },
  "Chromium on macOS: 229 as Enter, end, a line break, keyup": (box) => {
    const prevented = box.keydown("Enter", { ...ENTER_229, isComposing: true });
    box.end();
    if (!prevented) box.lineBreak();
    box.wait(60);
    box.keyup("Enter");
  },
  "Chromium on macOS, with a second keydown": (box) => {
    box.keydown("Enter", { ...ENTER_229, isComposing: true });
    box.end();
    if (!box.keydown("Enter")) box.lineBreak();
    box.wait(60);
    box.keyup("Enter");
  },
  "Chromium on macOS: what was sent comes back": (box) => {
    const last = box.value.slice(-1);
    box.keydown("Enter", { ...ENTER_229, isComposing: true });
    box.end();
    box.wait(10);
    box.value += last;
    box.input();
    box.keyup("Enter");
  },
  "Chromium on Linux (ibus): end, then an ordinary keydown": (box) => {
    box.end();
    if (!box.keydown("Enter")) box.lineBreak();
    box.wait(60);
    box.keyup("Enter");
  },
  "Chromium on Linux (ibus, asynchronous): 229, then end and the forwarded key": (box) => {
    const prevented = box.keydown("Unidentified", { ...ENTER_229, isComposing: true });
    box.wait(15);
    box.end();
    if (!prevented) box.lineBreak();
    if (!box.keydown("Enter")) box.lineBreak();
    box.keyup("Enter");
  },
  "Chromium: the key is up before the composition ends": (box) => {
    box.keydown("Process", { ...ENTER_229, isComposing: true });
    box.wait(40);
    box.keyup("Process", { code: "Enter", keyCode: 229, isComposing: true });
    box.wait(30);
    box.end();
  },
  "Chromium: the input method doesn't end it by itself": (box) => {
    box.keydown("Process", { ...ENTER_229, isComposing: true });
    box.wait(40);
    box.keyup("Process", { code: "Enter", keyCode: 229, isComposing: true });
    box.wait(300);
  },
  "Firefox: keydown in composition, end, input, keyup": (box) => {
    box.keydown("Process", { ...ENTER_229, isComposing: true });
    box.end();
    box.input();
    box.wait(60);
    box.keyup("Enter");
  },
  "Firefox on Windows: with the key again": (box) => {
    box.keydown("Process", { ...ENTER_229, isComposing: true });
    box.end();
    box.input();
    box.wait(3);
    if (!box.keydown("Enter")) box.lineBreak();
    box.keyup("Enter");
  },
  "Firefox on macOS: keydown as Enter with 13": (box) => {
    const prevented = box.keydown("Enter", { isComposing: true });
    box.end();
    box.input();
    if (!prevented) box.lineBreak();
    box.wait(60);
    box.keyup("Enter");
  },
  "Safari: end before its keydown with 229": (box) => {
    box.end();
    const prevented = box.keydown("Enter", { ...ENTER_229 });
    if (!prevented) box.lineBreak();
    box.wait(60);
    box.keyup("Enter", { keyCode: 13 });
  },
  "Safari: what was sent comes back": (box) => {
    const last = box.value.slice(-1);
    box.end();
    box.keydown("Enter", { ...ENTER_229 });
    box.wait(5);
    box.value = last;
    box.input();
    box.keyup("Enter");
  },
  "iOS and Android: no keydown says Enter, a line break does": (box) => {
    box.keydown("Unidentified", { code: "", keyCode: 229, isComposing: true });
    box.lineBreak();
    box.wait(10);
    box.keyup("Unidentified", { code: "", keyCode: 229 });
  },
  "the numeric pad": (box) => {
    box.keydown("Process", { code: "NumpadEnter", keyCode: 229, isComposing: true });
    box.end();
    box.keydown("Enter", { code: "NumpadEnter" });
    box.keyup("Enter", { code: "NumpadEnter" });
  },
};

describe.each(Object.entries(stories))("Enter in a Hangul composition: %s", (_name, enter) => {
  it("sends once, with the last syllable, and leaves an empty box", () => {
    const box = new Box();
    box.compose("안", "녕");
    enter(box);
    box.wait(1_000);
    expect(box.sent).toEqual(["안녕"]);
    expect(box.value).toBe("");
    expect(box.newlines).toBe(0);
    expect(box.composing).toBe(false);
  });

  it("leaves the next composition clean: message after message", () => {
    const box = new Box();
    for (const syllables of [["네"], ["안", "녕"], ["녕"], ["네"]]) {
      box.compose(...syllables);
      enter(box);
      box.wait(700);
    }
    expect(box.sent).toEqual(["네", "안녕", "녕", "네"]);
    expect(box.value).toBe("");
  });

  it("works for a lone jamo, and for Hangul behind Latin", () => {
    const box = new Box();
    box.compose("ㅋ");
    enter(box);
    box.wait(700);
    box.type("OK ");
    box.compose("넵");
    enter(box);
    box.wait(700);
    expect(box.sent).toEqual(["ㅋ", "OK 넵"]);
  });

  it("with Shift makes a line and sends nothing", () => {
    const box = new Box();
    box.compose("안");
    const prevented = box.keydown("Enter", { isComposing: true, shift: true });
    box.end();
    if (!prevented) box.lineBreak();
    box.keyup("Enter", { shift: true });
    box.wait(700);
    expect(box.sent).toEqual([]);
    expect(box.value).toBe("안\n");
    box.compose("녕");
    enter(box);
    box.wait(700);
    expect(box.sent).toEqual(["안\n녕"]);
  });
});

describe("a finger faster than the page", () => {
  it("doesn't send the next letter with the message, nor lose it", () => {
    const box = new Box();
    box.compose("안", "녕");
    box.keydown("Process", { ...ENTER_229, isComposing: true });
    box.end();
    // The page is busy: the next syllable begins before the task ran.
    box.keydown("Process", { code: "KeyG", keyCode: 229 });
    box.start();
    box.update("ㅎ");
    box.wait(100);
    expect(box.sent).toEqual(["안녕"]);
    expect(box.value).toBe("ㅎ");
    box.update("하");
    box.wait(1_000);
    expect(box.value).toBe("하");
  });

  it("…also when that letter is the one the message ended with", () => {
    const box = new Box();
    box.type("hello ");
    box.compose("오");
    box.keydown("Process", { ...ENTER_229, isComposing: true });
    box.end();
    box.keydown("오", { code: "KeyH" });
    box.value += "오";
    box.input();
    box.wait(100);
    expect(box.sent).toEqual(["hello 오"]);
    expect(box.value).toBe("오");
  });

  it("two presses are two messages", () => {
    const box = new Box();
    box.compose("하", "나");
    stories["Chromium on Windows: 229, end, a second keydown with 13"]?.(box);
    box.type("2");
    box.keydown("Enter");
    box.keyup("Enter");
    box.wait(10);
    expect(box.sent).toEqual(["하나", "2"]);
  });
});

describe("Enter without a composition", () => {
  it("sends once, also when it is held", () => {
    const box = new Box();
    box.type("hi");
    expect(box.keydown("Enter")).toBe(true);
    for (let i = 0; i < 60; i++) {
      box.wait(33);
      box.value = `repeat ${i}`;
      expect(box.keydown("Enter", { repeat: true })).toBe(true);
    }
    box.keyup("Enter");
    expect(box.sent).toEqual(["hi"]);
  });

  it("held after a composition sends once", () => {
    const box = new Box();
    box.compose("네");
    box.keydown("Process", { ...ENTER_229, isComposing: true });
    box.end();
    for (let i = 0; i < 60; i++) {
      box.wait(33);
      if (i === 2) box.value = "left";
      expect(box.keydown("Enter", { repeat: i > 0 })).toBe(true);
    }
    box.keyup("Enter");
    expect(box.sent).toEqual(["네"]);
  });

  it("pressed again and again sends again and again", () => {
    const box = new Box();
    for (const text of ["a", "b", "c"]) {
      box.type(text);
      box.keydown("Enter");
      box.keyup("Enter");
    }
    expect(box.sent).toEqual(["a", "b", "c"]);
  });

  it("whose keyup another window took doesn't block the next", () => {
    const box = new Box();
    box.type("a");
    box.keydown("Enter");
    box.wait(2_000);
    box.value = "b";
    box.keydown("Enter");
    expect(box.sent).toEqual(["a", "b"]);
  });

  it.each([{ shift: true }, { alt: true }])("with %o makes a line", (modifier) => {
    const box = new Box();
    box.type("a");
    expect(box.keydown("Enter", modifier)).toBe(false);
    box.lineBreak();
    box.keyup("Enter", modifier);
    box.type("b");
    box.keydown("Enter");
    box.keyup("Enter");
    expect(box.sent).toEqual(["a\nb"]);
  });

  it("on a virtual keyboard, which only breaks the line, sends", () => {
    const box = new Box();
    box.value = "hi";
    box.keydown("Unidentified", { code: "", keyCode: 229 });
    box.lineBreak();
    box.wait(10);
    expect([box.sent, box.value]).toEqual([["hi"], ""]);
  });

  it("what is pasted or typed right after sending stays", () => {
    const box = new Box();
    box.type("hello");
    box.keydown("Enter");
    box.keyup("Enter");
    box.type("o");
    box.wait(1_000);
    expect(box.value).toBe("o");
  });
});

describe("kana and pinyin: Enter picks, it doesn't send", () => {
  const picks: Record<string, (box: Box, text: string) => void> = {
    Chromium: (box, text) => {
      const prevented = box.keydown("Process", { ...ENTER_229, isComposing: true });
      box.update(text);
      box.end();
      if (prevented) throw new Error("the input method needs this key");
      box.wait(40);
      box.keyup("Enter");
    },
    Safari: (box, text) => {
      box.update(text);
      box.end();
      box.keydown("Enter", ENTER_229);
      box.wait(40);
      box.keyup("Enter");
    },
  };

  it.each(Object.entries(picks))("%s: the second Enter sends", (_name, pick) => {
    for (const [typed, picked] of [
      ["にほん", "日本"],
      ["ni hao", "你好"],
      ["カナ", "カナ"],
    ] as const) {
      const box = new Box();
      box.compose(typed);
      pick(box, picked);
      box.wait(1_000);
      expect(box.sent).toEqual([]);
      expect(box.value).toBe(picked);
      box.keydown("Enter");
      box.keyup("Enter");
      expect(box.sent).toEqual([picked]);
      expect(box.newlines).toBe(0);
    }
  });
});

import assert from "node:assert/strict";
import type { CDPSession } from "playwright-core";
import { scenario } from "./support/scenario.js";
import type { Person } from "./support/person.js";
import { sees } from "./support/until.js";

/** What an input method tells Chromium, through its debugging protocol. */
class Keyboard {
  constructor(
    private readonly cdp: CDPSession,
    private readonly box: Person["box"],
  ) {}

  /** Types the jamo of one syllable: each state of it, the last one still being composed. */
  async compose(...states: string[]): Promise<void> {
    for (const text of states) {
      await this.key("rawKeyDown", { key: "Process", code: "KeyA", windowsVirtualKeyCode: 229 });
      await this.cdp.send("Input.imeSetComposition", {
        text,
        selectionStart: text.length,
        selectionEnd: text.length,
      });
      await this.key("keyUp", { key: "a", code: "KeyA", windowsVirtualKeyCode: 65 });
    }
  }

  /** The input method is done with what was composed. */
  async commit(text: string): Promise<void> {
    await this.cdp.send("Input.insertText", { text });
  }

  /**
   * One press of Enter while `last` is composed. The input method takes the key first; on some
   * systems Chromium reports it a second time once the composition has ended. All of it is sent at
   * once: a page whose input method hesitates helps it to commit, and this one would commit again.
   */
  async enterWhileComposing(last: string, reportedAgain: boolean): Promise<void> {
    const enter = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13 };
    await Promise.all([
      this.key("rawKeyDown", { key: "Process", code: "Enter", windowsVirtualKeyCode: 229 }),
      this.commit(last),
      ...(reportedAgain ? [this.key("keyDown", { ...enter, text: "\r" })] : []),
      this.key("keyUp", enter),
    ]);
  }

  /** 안녕하세요, with the last syllable still being composed. */
  async hello(): Promise<void> {
    await this.box.focus();
    await this.compose("ㅇ", "아", "안");
    await this.commit("안");
    await this.compose("ㄴ", "녀", "녕");
    await this.commit("녕");
    await this.compose("ㅎ", "하");
    await this.commit("하");
    await this.compose("ㅅ", "세");
    await this.commit("세");
    await this.compose("ㅇ", "요");
  }

  private async key(
    type: "keyDown" | "keyUp" | "rawKeyDown",
    key: { key: string; code: string; windowsVirtualKeyCode: number; text?: string },
  ): Promise<void> {
    await this.cdp.send("Input.dispatchKeyEvent", { type, ...key });
  }
}

scenario("one Enter sends one message with its last syllable, again and again", async (world) => {
  await world.start();
  const [ada, ben] = [await world.person("민지"), await world.person("Ben")];
  await ada.comeInto("lobby");
  await ben.comeInto("lobby");
  const keyboard = new Keyboard(await ada.context.newCDPSession(ada.page), ada.box);
  const all: string[] = [];
  for (const [reportedAgain, rounds] of [
    [false, 5],
    [true, 3],
  ] as const) {
    for (let round = 0; round < rounds; round++) {
      await keyboard.hello();
      assert.equal(await ada.box.inputValue(), "안녕하세요");
      await keyboard.enterWhileComposing("요", reportedAgain);
      all.push("안녕하세요");
      await sees(() => ada.bodies(), all);
      await sees(() => ada.box.inputValue(), "");
    }
  }
  // Nothing of the last composition gets into what is typed next.
  await keyboard.compose("ㄴ", "네");
  assert.equal(await ada.box.inputValue(), "네");
  await keyboard.enterWhileComposing("네", false);
  await ada.box.pressSequentially("ok");
  await ada.box.press("Enter");
  all.push("네", "ok");
  for (const person of [ada, ben]) await person.seesAll(all);
  assert.equal(await ada.box.inputValue(), "");
});

scenario(
  "Enter sends, Shift+Enter makes a new line, and a held Enter sends once",
  async (world) => {
    await world.start();
    const ada = await world.person("Ada");
    await ada.comeInto("lobby");
    await ada.box.pressSequentially("첫째 줄");
    await ada.box.press("Shift+Enter");
    await ada.box.pressSequentially("둘째 줄");
    assert.equal(await ada.box.inputValue(), "첫째 줄\n둘째 줄");
    await ada.box.press("Enter");
    await ada.seesAll(["첫째 줄\n둘째 줄"]);
    assert.equal(await ada.box.inputValue(), "");

    await ada.box.press("Enter");
    await ada.write("  \n ");
    await ada.box.press("Enter");
    await ada.write("held");
    for (let press = 0; press < 3; press++) await ada.page.keyboard.down("Enter");
    await ada.page.keyboard.up("Enter");
    await ada.write("by the button");
    await ada.by("send").click();
    await ada.seesAll(["첫째 줄\n둘째 줄", "held", "by the button"]);

    // The button sends what is being composed, too.
    const keyboard = new Keyboard(await ada.context.newCDPSession(ada.page), ada.box);
    await keyboard.hello();
    await ada.by("send").click();
    await sees(async () => (await ada.bodies()).at(-1), "안녕하세요");
    await sees(() => ada.box.inputValue(), "");
    await ada.say("done");
    await ada.seesAll(["첫째 줄\n둘째 줄", "held", "by the button", "안녕하세요", "done"]);
  },
);

interface Key {
  key: string;
  code: string;
  keyCode: number;
  isComposing: boolean;
}

/** One step of a recording: an event, and what the box holds when it comes. */
type Step =
  | ["down", Key]
  | ["up", Key]
  | ["start", string]
  | ["update", string]
  | ["end", string]
  | ["input", { value: string; data: string; inputType: string; isComposing: boolean }];

/** A syllable being composed at the end of `before`, in the order that all browsers share. */
const composing = (before: string, data: string): Step[] => [
  ["down", { key: "Process", code: "KeyD", keyCode: 229, isComposing: false }],
  ["start", ""],
  ["update", data],
  ["input", { value: before + data, data, inputType: "insertCompositionText", isComposing: true }],
  ["up", { key: "d", code: "KeyD", keyCode: 68, isComposing: true }],
];

/** How each browser tells of the one Enter that ends the composition of 요. */
const RECORDINGS: Readonly<Record<string, (before: string) => Step[]>> = {
  "Firefox on Linux and Windows": (before) => [
    ["down", { key: "Process", code: "Enter", keyCode: 229, isComposing: true }],
    ["update", "요"],
    ["end", "요"],
    [
      "input",
      { value: before + "요", data: "요", inputType: "insertCompositionText", isComposing: false },
    ],
    ["up", { key: "Enter", code: "Enter", keyCode: 13, isComposing: false }],
  ],
  "Firefox on macOS": (before) => [
    ["down", { key: "Enter", code: "Enter", keyCode: 229, isComposing: true }],
    ["end", "요"],
    [
      "input",
      { value: before + "요", data: "요", inputType: "insertCompositionText", isComposing: false },
    ],
    ["up", { key: "Enter", code: "Enter", keyCode: 13, isComposing: false }],
  ],
  Safari: (before) => [
    ["input", { value: before, data: "", inputType: "deleteCompositionText", isComposing: true }],
    [
      "input",
      { value: before + "요", data: "요", inputType: "insertFromComposition", isComposing: true },
    ],
    ["end", "요"],
    ["down", { key: "Enter", code: "Enter", keyCode: 229, isComposing: false }],
    ["up", { key: "Enter", code: "Enter", keyCode: 13, isComposing: false }],
  ],
  "Chromium on macOS": (before) => [
    ["down", { key: "Enter", code: "Enter", keyCode: 229, isComposing: true }],
    [
      "input",
      { value: before + "요", data: "요", inputType: "insertCompositionText", isComposing: true },
    ],
    ["end", "요"],
    ["down", { key: "Enter", code: "Enter", keyCode: 13, isComposing: false }],
    ["up", { key: "Enter", code: "Enter", keyCode: 13, isComposing: false }],
  ],
  "ibus, which ends the composition before the key": (before) => [
    ["end", "요"],
    ["input", { value: before + "요", data: "요", inputType: "insertText", isComposing: false }],
    ["down", { key: "Enter", code: "Enter", keyCode: 13, isComposing: false }],
    ["up", { key: "Enter", code: "Enter", keyCode: 13, isComposing: false }],
  ],
};

/** Plays a recording into the page's own box, one task per event as a browser does. */
async function play(person: Person, steps: readonly Step[]): Promise<void> {
  await person.box.evaluate(async (element, steps) => {
    const box = element as HTMLTextAreaElement;
    box.focus();
    for (const step of steps) {
      const bubbles = { bubbles: true, cancelable: true };
      if (step[0] === "down" || step[0] === "up") {
        box.dispatchEvent(new KeyboardEvent(`key${step[0]}`, { ...bubbles, ...step[1] }));
      } else if (step[0] === "input") {
        box.value = step[1].value;
        box.dispatchEvent(new InputEvent("input", { ...bubbles, ...step[1] }));
      } else {
        const data = { data: step[1] };
        box.dispatchEvent(new CompositionEvent(`composition${step[0]}`, { ...bubbles, ...data }));
      }
      await new Promise((next) => setTimeout(next));
    }
  }, steps);
}

scenario("one Enter sends one message in the order of events of every browser", async (world) => {
  await world.start();
  const ada = await world.person("민지");
  await ada.comeInto("lobby");
  const all: string[] = [];
  for (const [browser, recording] of Object.entries(RECORDINGS)) {
    for (let round = 0; round < 3; round++) {
      await ada.write("안녕하세");
      await play(ada, [...composing("안녕하세", "요"), ...recording("안녕하세")]);
      all.push("안녕하세요");
      await sees(() => ada.bodies(), all).catch((error: unknown) => {
        throw new Error(browser, { cause: error });
      });
      await sees(() => ada.box.inputValue(), "");
    }
  }
  await ada.say("done");
  await ada.seesAll([...all, "done"]);
});

scenario(
  "a name that is composed is completed by the Enter that ends it, once, and nothing is sent",
  async (world) => {
    await world.start();
    for (const name of ["김민지", "김하늘"]) await (await world.guest(name)).enter("lobby");
    const ada = await world.person("Ada");
    await ada.comeInto("lobby");
    await sees(() => ada.people(), ["Ada", "김민지", "김하늘"].sort());
    const keyboard = new Keyboard(await ada.context.newCDPSession(ada.page), ada.box);
    const offered = () => ada.by("mention-list").locator(".person-name").allTextContents();
    for (const reportedAgain of [false, true]) {
      // What is composed is looked for, each state of it.
      await ada.box.focus();
      await ada.page.keyboard.type("@");
      await sees(async () => (await offered()).length, 2);
      await keyboard.compose("ㄱ", "기", "김");
      await sees(async () => (await offered()).length, 2);
      await keyboard.commit("김");
      await keyboard.compose("ㅎ");
      await sees(offered, ["김하늘"]);
      await keyboard.compose("하");
      await sees(offered, ["김하늘"]);
      await keyboard.enterWhileComposing("하", reportedAgain);
      await sees(() => ada.box.inputValue(), "@김하늘 ");
      assert.deepEqual(await offered(), []);
      // The next Enter is for the message.
      await ada.box.press("Enter");
      await sees(async () => (await ada.bodies()).at(-1), "@김하늘");
      await sees(() => ada.box.inputValue(), "");
    }
    assert.equal((await ada.bodies()).length, 2);
    // By the first consonants, still being composed.
    await ada.page.keyboard.type("@");
    await keyboard.compose("ㄱ");
    await keyboard.commit("ㄱ");
    await keyboard.compose("ㅁ");
    await keyboard.commit("ㅁ");
    await keyboard.compose("ㅈ");
    await sees(offered, ["김민지"]);
    await keyboard.enterWhileComposing("ㅈ", false);
    await sees(() => ada.box.inputValue(), "@김민지 ");
    await ada.box.press("Enter");
    await sees(async () => (await ada.bodies()).at(-1), "@김민지");
    assert.equal((await ada.bodies()).length, 3);
  },
);

scenario("Enter that picks a kana candidate sends nothing", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await play(ada, [
    ...composing("", "日本"),
    ["down", { key: "Process", code: "Enter", keyCode: 229, isComposing: true }],
    ["end", "日本"],
    [
      "input",
      { value: "日本", data: "日本", inputType: "insertCompositionText", isComposing: false },
    ],
    ["up", { key: "Enter", code: "Enter", keyCode: 13, isComposing: false }],
  ]);
  assert.equal(await ada.box.inputValue(), "日本");
  await ada.box.press("Enter");
  await ada.seesAll(["日本"]);
  assert.equal(await ada.box.inputValue(), "");
});

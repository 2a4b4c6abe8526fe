import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { PHONE } from "./support/world.js";
import type { World } from "./support/world.js";
import type { Person } from "./support/person.js";
import { sees, until } from "./support/until.js";

/** A message by what it says. */
const saying = (person: Person, text: string) =>
  person.by("message").filter({
    has: person.page.locator("[data-testid=body]", {
      hasText: new RegExp(`^${text.replace(/[?]/g, "\\$&")}$`),
    }),
  });

/** By the pointer: the toolbar of a message, then one of its buttons. */
async function tool(person: Person, text: string, deed: string): Promise<void> {
  await saying(person, text).hover();
  await saying(person, text).locator(`[data-deed="${deed}"]`).click();
}

/** By the pointer: the menu of a message, then one of its lines. */
async function menu(person: Person, text: string, deed: string): Promise<void> {
  await saying(person, text).hover();
  await saying(person, text).getByTestId("more").click();
  await person.by("message-menu").locator(`[data-deed="${deed}"]`).click();
}

async function two(world: World, room = "lobby"): Promise<[Person, Person]> {
  await world.start();
  const [ada, ben] = [await world.person("Ada"), await world.person("민지")];
  await Promise.all([ada.comeInto(room), ben.comeInto(room)]);
  return [ada, ben];
}

const reactions = (person: Person) =>
  person
    .by("reaction")
    .evaluateAll((chips) =>
      chips.map((chip) => [
        chip.getAttribute("data-emoji"),
        chip.textContent.replace(/\D/g, ""),
        chip.getAttribute("aria-pressed"),
      ]),
    );

scenario(
  "a message is edited, by the menu and by ArrowUp, and everybody sees it",
  async (world) => {
    const [ada, ben] = await two(world);
    await ada.say("helo");
    await ben.seesAll(["helo"]);
    await tool(ada, "helo", "edit");
    await sees(() => ada.box.inputValue(), "helo");
    await ada.say("hello");
    await sees(() => ben.bodies(), ["hello"]);
    await sees(() => ben.by("edited").count(), 1);
    assert.match((await ben.by("edited").getAttribute("title")) ?? "", /^Edited .*\d/);

    // ArrowUp in an empty box; Escape leaves all as it was, and gives the draft back.
    await ada.box.press("ArrowUp");
    await sees(() => ada.box.inputValue(), "hello");
    await ada.box.fill("something else");
    await ada.box.press("Escape");
    await sees(() => ada.box.inputValue(), "");
    await ada.box.press("ArrowUp");
    await ada.box.fill("안녕하세요");
    await ada.box.press("Enter");
    await sees(() => ben.bodies(), ["안녕하세요"]);
    // A message of somebody else's can't be edited.
    await ben.box.press("ArrowUp");
    await sees(() => ben.box.inputValue(), "");
    await ben.page.reload();
    await sees(() => ben.bodies(), ["안녕하세요"]);
    await sees(() => ben.by("edited").count(), 1);
  },
);

scenario("a deleted message leaves its place and nothing of its text", async (world) => {
  const [ada, ben] = await two(world);
  await ada.say("secret");
  await ben.seesAll(["secret"]);
  await tool(ben, "secret", "reply");
  await ben.say("what?");
  await sees(() => ada.by("quote").textContent(), "Adasecret");
  await menu(ada, "secret", "delete");
  await ada.by("delete-cancel").click();
  assert.equal(await saying(ada, "secret").count(), 1);
  await menu(ada, "secret", "delete");
  await ada.by("delete-submit").click();
  for (const person of [ada, ben]) {
    await sees(() => person.bodies(), ["what?"]);
    await sees(() => person.by("tombstone").count(), 1);
    await sees(() => person.by("quote").getAttribute("data-deleted"), "true");
    await person.page.reload();
    await sees(() => person.bodies(), ["what?"]);
    await sees(() => person.by("tombstone").count(), 1);
  }
  assert.ok(!(await ben.page.content()).includes("secret"));
});

scenario("a reply quotes its message, follows its edits and leads to it", async (world) => {
  const [ada, ben] = await two(world);
  await ada.say("점심 뭐 먹을까요?");
  await ben.seesAll(["점심 뭐 먹을까요?"]);
  await tool(ben, "점심 뭐 먹을까요?", "reply");
  await sees(() => ben.by("compose-bar").getAttribute("data-is"), "reply");
  await ben.box.press("Escape");
  await until("the bar goes", async () => (await ben.by("compose-bar").count()) === 0);
  await tool(ben, "점심 뭐 먹을까요?", "reply");
  await ben.say("냉면이요");
  for (const person of [ada, ben]) {
    await sees(() => person.by("quote").textContent(), "Ada점심 뭐 먹을까요?");
  }
  await tool(ada, "점심 뭐 먹을까요?", "edit");
  await ada.say("저녁 뭐 먹을까요?");
  await sees(() => ben.by("quote").textContent(), "Ada저녁 뭐 먹을까요?");
  for (let n = 0; n < 40; n++) await ada.say(`line ${n}`);
  await sees(async () => (await ben.bodies()).at(-1), "line 39");
  await ben.by("log").evaluate((log) => (log.scrollTop = 60));
  await ben.by("quote").click();
  await until("it is in view", () => saying(ben, "저녁 뭐 먹을까요?").isVisible());
});

scenario("reactions are grouped and counted, and toggled by a click", async (world) => {
  const [ada, ben] = await two(world);
  await ada.say("done");
  await ben.seesAll(["done"]);
  await saying(ben, "done").hover();
  await saying(ben, "done").locator('.tool[data-emoji="👍"]').click();
  await sees(() => reactions(ada), [["👍", "1", "false"]]);
  await ada.by("reaction").click();
  for (const person of [ada, ben]) await sees(() => reactions(person), [["👍", "2", "true"]]);
  assert.match((await ada.by("reaction").getAttribute("aria-label")) ?? "", /민지 and you$/);
  // Any emoji, by the picker.
  await ada.by("reaction-add").click();
  await ada.by("emoji-search").fill("rocket");
  await until(
    "it is found",
    async () => (await ada.by("emoji-picker").getByText("🚀").count()) > 0,
  );
  await ada.by("emoji-search").press("Enter");
  await sees(
    () => reactions(ben),
    [
      ["👍", "2", "true"],
      ["🚀", "1", "false"],
    ],
  );
  await ada.by("reaction").first().click();
  await sees(
    () => reactions(ben),
    [
      ["👍", "1", "true"],
      ["🚀", "1", "false"],
    ],
  );
  await ben.page.reload();
  await sees(
    () => reactions(ben),
    [
      ["👍", "1", "true"],
      ["🚀", "1", "false"],
    ],
  );
});

scenario("one's own reaction is known, however many people were faster", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await ada.say("who comes along?");
  // One more than a message lists.
  for (let n = 1; n <= 51; n++) {
    const guest = await world.guest(`Member ${n}`);
    await guest.enter("lobby");
    await guest.react("lobby", 1, "👍");
    guest.close();
  }
  await sees(() => reactions(ada), [["👍", "51", "false"]]);
  await ada.by("reaction").click();
  await sees(() => reactions(ada), [["👍", "52", "true"]]);
  await until("it is said", async () => {
    const label = (await ada.by("reaction").getAttribute("aria-label")) ?? "";
    return label.startsWith("👍: you, Member 1, ");
  });
  await ada.page.reload();
  await sees(() => reactions(ada), [["👍", "52", "true"]]);
  await ada.by("reaction").click();
  await sees(() => reactions(ada), [["👍", "51", "false"]]);
  await ada.page.reload();
  await sees(() => reactions(ada), [["👍", "51", "false"]]);
});

scenario("a topic, its description and pinned messages are the room's", async (world) => {
  const [ada, ben] = await two(world);
  await ada.say("read me");
  await ben.seesAll(["read me"]);
  await ada.by("topic").click();
  await ada.by("about-topic").fill("이번 주 할 일");
  await ada.by("about-description").fill("- 청소\n- 장보기");
  await ada.by("about-submit").click();
  for (const person of [ada, ben]) {
    await sees(() => person.by("topic").textContent(), "이번 주 할 일");
    await sees(async () => (await person.by("note").textContent())?.includes("이번 주"), true);
  }
  await menu(ada, "read me", "pin");
  for (const person of [ada, ben]) await sees(() => person.by("pins").textContent(), "1");
  await ben.by("pins").click();
  await sees(() => ben.by("pin").locator(".body").textContent(), "read me");
  await ben.page.reload();
  await sees(() => ben.by("topic").textContent(), "이번 주 할 일");
  await ben.by("pins").click();
  await ben.by("pin-remove").click();
  await sees(() => ben.by("pin").count(), 0);
  for (const person of [ada, ben]) await sees(() => person.by("pins").count(), 0);
});

scenario("all of it by the keyboard, in Korean too", async (world) => {
  const [ada, ben] = await two(world);
  await ada.say("하나");
  await ada.say("남아요");
  await ben.seesAll(["하나", "남아요"]);
  const focus = () => saying(ada, "하나").focus();
  await focus();
  await ada.page.keyboard.press("e");
  await sees(() => ada.box.inputValue(), "하나");
  await ada.page.keyboard.type(" 둘");
  await ada.page.keyboard.press("Enter");
  await sees(() => ben.bodies(), ["하나 둘", "남아요"]);
  await saying(ada, "하나 둘").focus();
  await ada.page.keyboard.press("Enter");
  await ada.page.keyboard.press("ArrowRight");
  await ada.page.keyboard.press("Enter");
  await sees(() => reactions(ben), [["❤️", "1", "false"]]);
  await saying(ada, "하나 둘").focus();
  await ada.page.keyboard.press("ContextMenu");
  await until("the menu shows", () => ada.by("message-menu").isVisible());
  await ada.page.keyboard.press("End");
  await ada.page.keyboard.press("Enter");
  await until("it asks", () => ada.by("delete-dialog").isVisible());
  await ada.page.keyboard.press("Enter");
  await sees(() => ben.by("tombstone").count(), 1);
  await until("the keyboard is at what is left", () =>
    saying(ada, "남아요").evaluate((message) => message === document.activeElement),
  );
});

scenario(
  "the menu does what its keys say, and the focus goes back to where it was",
  async (world) => {
    const [ada, ben] = await two(world);
    const opens = async (text: string) => {
      await saying(ada, text).hover();
      await saying(ada, text).getByTestId("more").click();
      await until("the menu shows", () => ada.by("message-menu").isVisible());
    };
    await ben.say("theirs");
    await ada.say("mine");
    await ada.seesAll(["theirs", "mine"]);
    await ada.hasKeys();

    // Who writes goes on writing.
    await ada.box.focus();
    await opens("mine");
    await ada.press("Escape");
    await until("the menu goes", () => ada.by("message-menu").isHidden());
    assert.equal(await ada.focused(), "composer");

    await opens("theirs");
    await ada.press("r");
    await sees(() => ada.by("compose-bar").getAttribute("data-is"), "reply");
    assert.ok(await ada.by("message-menu").isHidden());
    await sees(() => ada.focused(), "composer");
    await ada.press("Escape");
    await opens("mine");
    await ada.press("e");
    await sees(() => ada.by("compose-bar").getAttribute("data-is"), "edit");
    await ada.press("Escape");
    await opens("mine");
    await ada.press("p");
    await sees(() => ada.by("pins").textContent(), "1");
    await opens("mine");
    await ada.press("+");
    await until("the picker shows", () => ada.by("emoji-picker").isVisible());
    await ada.press("Escape");
    await until("the picker goes", () => ada.by("emoji-picker").isHidden());
    assert.equal(await ada.focused(), "composer");
    // With Control a key is the browser's.
    await opens("mine");
    await ada.press("Control+e");
    assert.ok(await ada.by("message-menu").isVisible());
    await ada.press("Delete");
    await until("it asks", () => ada.by("delete-dialog").isVisible());
    await ada.press("Escape");
    await until("nobody asks", () => ada.by("delete-dialog").isHidden());
    assert.equal(await ada.focused(), "composer");

    // By the keyboard it goes back to the message.
    await ada.tabIntoLog();
    await sees(() => ada.focused(), "message");
    await ada.press("Shift+F10");
    await until("the menu shows", () => ada.by("message-menu").isVisible());
    await ada.press("Escape");
    await until("the menu goes", () => ada.by("message-menu").isHidden());
    const inMessage = await ada.page.evaluate(
      () => document.activeElement?.closest("[data-testid=message]") != null,
    );
    assert.ok(inMessage, await ada.focused());
  },
);

scenario("a finger that stays on a message opens what can be done with it", async (world) => {
  await world.start();
  const ada = await world.person("Ada", PHONE);
  await ada.comeInto("lobby");
  await ada.say("touch");
  await ada.seesAll(["touch"]);
  const box = await saying(ada, "touch").boundingBox();
  assert.ok(box !== null);
  const session = await ada.context.newCDPSession(ada.page);
  const point = { x: box.x + 60, y: box.y + box.height / 2 };
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [point] });
  await until("the sheet shows", () => ada.by("message-menu").isVisible());
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  assert.equal(await ada.overflow(), null);
  await ada.by("message-menu").locator('[data-emoji="😂"]').tap();
  await sees(() => reactions(ada), [["😂", "1", "true"]]);
});

scenario(
  "what is done offline shows at once, survives a reload, and is done once",
  async (world) => {
    const site = await world.startApart();
    const [ada, ben] = [
      await world.person("Ada", { at: site.address }),
      await world.person("민지", { at: site.address }),
    ];
    await Promise.all([ada.comeInto("lobby"), ben.comeInto("lobby")]);
    for (const text of ["one", "two", "three"]) await ada.say(text);
    await ben.seesAll(["one", "two", "three"]);
    await world.server.kill();

    await tool(ada, "one", "edit");
    await ada.say("하나");
    await menu(ada, "two", "delete");
    await ada.by("delete-submit").click();
    await saying(ada, "three").hover();
    await saying(ada, "three").locator('.tool[data-emoji="👍"]').click();
    await tool(ada, "three", "reply");
    await ada.say("four");
    await menu(ada, "three", "pin");
    await sees(() => ada.bodies(), ["하나", "three", "four"]);
    await sees(() => ada.by("pins").textContent(), "1");
    await sees(() => reactions(ada), [["👍", "1", "true"]]);
    await sees(() => ada.kept(), 5);
    await ada.page.reload();
    await world.server.restart();
    for (const person of [ada, ben]) {
      await sees(() => person.bodies(), ["하나", "three", "four"]);
      await sees(() => person.by("tombstone").count(), 1);
      await sees(() => person.by("pins").textContent(), "1");
      await sees(() => person.by("quote").textContent(), "Adathree");
      await sees(async () => (await reactions(person)).length, 1);
    }
    await sees(() => ada.kept(), 0);
    world.forgiveNetworkErrors();
  },
);

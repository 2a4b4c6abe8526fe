// Around the page without a mouse: the switcher, the shortcuts and what says which there are.

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import type { Person } from "./support/person.js";
import { sees, until } from "./support/until.js";
import type { World } from "./support/world.js";

/** Ada in these rooms, in the last of them. */
async function inRooms(world: World, ...rooms: readonly string[]): Promise<Person> {
  await world.start();
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  for (const room of rooms) await ada.makeRoom(room);
  await ada.hasKeys();
  return ada;
}

const offered = (person: Person) =>
  person
    .by("switcher-option")
    .evaluateAll((options) => options.map((option) => option.getAttribute("data-room")));
const chosen = (person: Person) =>
  person.page.locator("[role=option][aria-selected=true]").getAttribute("data-room");

scenario("Ctrl+K goes to a room by a few letters, also by initial consonants", async (world) => {
  const ada = await inRooms(world, "design", "주간 회의");
  const grace = await world.guest("Grace");
  await grace.enter("random");
  await grace.enter("design");
  await grace.say("design", ["news"]);
  await sees(() => ada.unread("design"), "1");

  await ada.write("half a thought");
  await ada.press("Control+k");
  await sees(() => ada.focused(), "switcher-input");
  // Unread first, the open room last of one's own.
  await sees(() => offered(ada), ["design", "lobby", "주간 회의", "random"]);
  const field = ada.page.getByRole("combobox", { name: "Go to a room" });
  assert.equal(await field.getAttribute("aria-expanded"), "true");
  const list = await field.getAttribute("aria-controls");
  assert.equal(await ada.page.getByRole("listbox", { name: "Rooms" }).getAttribute("id"), list);
  const active = await field.getAttribute("aria-activedescendant");
  assert.equal(await ada.page.locator(`#${active}`).getAttribute("data-room"), "design");

  // Down, around the end, and up again.
  await ada.press("ArrowDown");
  await sees(() => chosen(ada), "lobby");
  await ada.press("ArrowUp", "ArrowUp");
  await sees(() => chosen(ada), "random");

  // Esc gives the focus back to the box, with what stands in it.
  await ada.press("Escape");
  await until("it closes", () => ada.by("switcher").isHidden());
  await sees(() => ada.focused(), "composer");
  assert.equal(await ada.box.inputValue(), "half a thought");

  await ada.press("Control+k");
  await sees(() => ada.focused(), "switcher-input");
  await ada.press("Enter");
  await ada.isIn("design");
  await ada.seesAll(["news"]);
  await sees(() => ada.focused(), "composer");

  await ada.press("Control+k");
  await ada.page.keyboard.insertText("ㅎㅇ");
  await sees(() => offered(ada), ["주간 회의"]);
  assert.deepEqual(await ada.page.locator("[role=option] mark").allTextContents(), ["회", "의"]);
  await ada.press("Enter");
  await ada.isIn("주간 회의");
  assert.equal(await ada.box.inputValue(), "half a thought");

  // A room that one isn't in is entered; with the key again it closes.
  await ada.press("Control+k", "Control+k");
  await until("it closes", () => ada.by("switcher").isHidden());
  await ada.by("open-switcher").click();
  await ada.page.keyboard.type("rnd");
  await sees(() => offered(ada), ["random", "rnd"]);
  await ada.press("Enter");
  await ada.isIn("random");
});

scenario("the switcher says when there is no such room, and makes it", async (world) => {
  const ada = await inRooms(world);
  await ada.press("Control+k");
  await ada.page.keyboard.type("새로운 방");
  await until("it says so", () => ada.by("switcher-none").isVisible());
  await sees(() => ada.by("switcher-option").allTextContents(), ["Make the room “새로운 방”"]);
  await ada.press("Enter");
  await sees(() => ada.by("create-input").inputValue(), "새로운 방");
  await ada.press("Enter");
  await ada.isIn("새로운 방");

  // What is listed nowhere here is asked of the server.
  const grace = await world.guest("Grace");
  for (let n = 0; n < 110; n++) await grace.make(`filler ${n}`);
  await ada.page.reload();
  await ada.isIn("새로운 방");
  await ada.hasKeys();
  await ada.press("Control+k");
  await ada.page.keyboard.type("filler 1");
  await until("the far one is offered", async () => (await offered(ada)).includes("filler 1"));
});

scenario(
  "Enter in the midst of a Hangul syllable opens the room, and sends nothing",
  async (world) => {
    const ada = await inRooms(world, "회의");
    // Whichever box has the focus by then, it has something that could be sent.
    await ada.write("not to be sent either");
    await ada.goTo("lobby");
    await ada.write("not to be sent");
    await ada.press("Control+k");
    await sees(() => ada.focused(), "switcher-input");
    const cdp = await ada.context.newCDPSession(ada.page);
    await cdp.send("Input.imeSetComposition", { text: "회", selectionStart: 1, selectionEnd: 1 });
    await sees(() => chosen(ada), "회의");
    // As Chromium tells of one press in a composition: first the input method's, then its own.
    const enter = { key: "Enter", code: "Enter" };
    await cdp.send("Input.dispatchKeyEvent", {
      type: "rawKeyDown",
      windowsVirtualKeyCode: 229,
      ...enter,
    });
    await ada.page.keyboard.insertText("회");
    await cdp.send("Input.dispatchKeyEvent", {
      type: "keyDown",
      windowsVirtualKeyCode: 13,
      text: "\r",
      ...enter,
    });
    await cdp.send("Input.dispatchKeyEvent", {
      type: "keyUp",
      windowsVirtualKeyCode: 13,
      ...enter,
    });
    await ada.isIn("회의");
    assert.equal(await ada.box.inputValue(), "not to be sent either");
    await ada.seesAll([]);
    await ada.goTo("lobby");
    assert.equal(await ada.box.inputValue(), "not to be sent");
    await ada.seesAll([]);
  },
);

scenario(
  "Alt and the arrows go through the rooms, with Shift through the unread ones",
  async (world) => {
    const ada = await inRooms(world, "one", "two", "three");
    await ada.press("Alt+ArrowUp");
    await ada.isIn("two");
    await ada.press("Alt+ArrowDown");
    await ada.isIn("three");
    await ada.press("Alt+ArrowDown");
    await ada.isIn("lobby");
    const grace = await world.guest("Grace");
    for (const room of ["one", "three"]) {
      await grace.enter(room);
      await grace.say(room, ["hello"]);
    }
    await sees(() => ada.unread("three"), "1");
    await ada.press("Alt+Shift+ArrowUp");
    await ada.isIn("three");
    await ada.seesAll(["hello"]);
    await ada.press("Alt+Shift+ArrowDown");
    await ada.isIn("one");
    // The box has the focus in each: one goes on writing.
    await ada.page.keyboard.type("and on");
    assert.equal(await ada.box.inputValue(), "and on");
    // In a composition the keys are the input method's.
    const cdp = await ada.context.newCDPSession(ada.page);
    await cdp.send("Input.imeSetComposition", { text: "하", selectionStart: 1, selectionEnd: 1 });
    await cdp.send("Input.dispatchKeyEvent", {
      type: "rawKeyDown",
      windowsVirtualKeyCode: 229,
      key: "ArrowDown",
      code: "ArrowDown",
      modifiers: 1,
    });
    await sees(() => ada.by("room-title").textContent(), "one");
  },
);

scenario(
  "Esc marks the room as read and shows the newest, unless something else is open",
  async (world) => {
    const ada = await inRooms(world);
    const grace = await world.guest("Grace");
    await grace.enter("lobby");
    await grace.say(
      "lobby",
      Array.from({ length: 60 }, (_, n) => `line ${n + 1}`),
    );
    await sees(async () => (await ada.bodies()).at(-1), "line 60");
    await ada.by("log").evaluate((log) => (log.scrollTop = 0));
    await grace.say("lobby", ["far below"]);
    await until("it is offered", () => ada.by("jump").isVisible());
    await sees(() => ada.page.title(), "(1) lobby · Maru");

    // A dialog has its own Esc.
    await ada.by("settings").click();
    await until("it opens", () => ada.by("settings-dialog").isVisible());
    await ada.press("Escape");
    await until("it closes", () => ada.by("settings-dialog").isHidden());
    assert.match(await ada.page.title(), /^\(1\) lobby/);
    // So has a search that has text.
    await ada.by("room-search").fill("x");
    await ada.press("Escape");
    assert.match(await ada.page.title(), /^\(1\) lobby/);

    await ada.press("Escape");
    await sees(() => ada.page.title(), "lobby · Maru");
    await sees(() => ada.fromBottom(), 0);
    await until("nothing is offered", () => ada.by("jump").isHidden());
  },
);

scenario(
  "F6 goes through the parts of the page, letters go to the box, ? tells what there is",
  async (world) => {
    const ada = await inRooms(world, "design");
    const around = ["People", "room-item", "log", "composer"];
    for (const part of around) {
      await ada.press("F6");
      await sees(() => ada.focused(), part);
    }
    for (const part of [...around].reverse().slice(1)) {
      await ada.press("Shift+F6");
      await sees(() => ada.focused(), part);
    }

    // Who reads and begins to type means the box.
    await ada.by("log").focus();
    await ada.page.keyboard.type("hello");
    await sees(() => ada.focused(), "composer");
    assert.equal(await ada.box.inputValue(), "hello");
    await ada.write("");

    // In the box it is a question mark, elsewhere a question.
    await ada.page.keyboard.type("?");
    assert.equal(await ada.box.inputValue(), "?");
    await ada.write("");
    await ada.by("log").focus();
    await ada.press("?");
    await until("it opens", () => ada.by("shortcuts-dialog").isVisible());
    const names = await ada
      .by("shortcut")
      .evaluateAll((rows) => rows.map((row) => row.textContent));
    assert.ok(names.includes("Go to a roomCtrlK"), names.join("\n"));
    assert.ok(
      names.includes("Show these shortcuts?orCtrl/") ||
        names.includes("Show these shortcuts? or Ctrl/"),
      names.join("\n"),
    );
    // No shortcut reaches what is behind a dialog.
    await ada.press("Alt+ArrowDown", "Control+k");
    assert.equal(await ada.by("room-title").textContent(), "design");
    assert.ok(await ada.by("switcher").isHidden());
    await ada.press("Escape");
    await sees(() => ada.focused(), "log");
    await ada.box.focus();
    await ada.press("Control+/");
    await until("it opens", () => ada.by("shortcuts-dialog").isVisible());
  },
);

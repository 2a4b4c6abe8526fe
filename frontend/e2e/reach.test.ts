// Whoever comes with a finger, a keyboard or a screen reader.

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { PHONE } from "./support/world.js";
import type { Person } from "./support/person.js";
import { sees, until } from "./support/until.js";

/** What a fingertip hits for sure. */
const TARGET_PX = 40;

/** Controls on screen that are smaller; links within a text may be as high as it. */
function tooSmall(person: Person): Promise<string[]> {
  return person.page.evaluate((least) => {
    const top = document.querySelector("dialog[open]") ?? document;
    return (
      [...top.querySelectorAll<HTMLElement>("a, button, input, textarea, label")]
        .filter((control) => control.checkVisibility() && control.closest(".body, .skip") === null)
        // A label beside its field is no control of its own, a radio button is as large as its label.
        .filter((c) => (c instanceof HTMLLabelElement ? c.control?.closest("label") === c : true))
        .filter((c) => !(c instanceof HTMLInputElement && c.type === "radio"))
        .map((control) => ({ control, box: control.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.width < least || box.height < least))
        .map(({ control, box }) => {
          const name = control.ariaLabel ?? control.textContent;
          return `${control.tagName}.${control.className} “${name}”: ${box.width}×${box.height}`;
        })
    );
  }, TARGET_PX);
}

async function fits(person: Person, where: string): Promise<void> {
  // What slides in is measured when it has arrived.
  await until("nothing moves", () => person.isStill());
  assert.equal(await person.overflow(), null, where);
  assert.deepEqual(await tooSmall(person), [], where);
}

scenario("on a phone everything is within a thumb's reach", async (world) => {
  await world.start();
  const ada = await world.person("Ada", PHONE);
  const ben = await world.person("Ben");
  await ada.visit();
  await fits(ada, "the name dialog");
  await ada.nameThemselves();
  await until("the rooms show", () => ada.by("directory-item").isVisible());
  await fits(ada, "the rooms");
  await ada.by("directory-item").tap();
  await ada.isIn("lobby");
  await ben.comeInto("lobby");
  await ben.makeRoom("디자인");
  await ben.say("hello");
  await fits(ada, "a room");

  const composer = await ada.box.boundingBox();
  assert.ok(composer !== null && composer.y + composer.height <= 844, "the box is on screen");
  await ada.say("hi");
  await ada.seesAll(["hi"]);

  await ada.by("open-rooms").tap();
  await until("it lists the room", () => ada.by("directory-item").isVisible());
  await fits(ada, "the rooms' drawer");
  await ada.by("rooms-drawer").getByTestId("directory-item").tap();
  await until("the drawer closes", () => ada.by("rooms-drawer").isHidden());
  await ada.isIn("디자인");
  await ada.seesAll(["hello"]);

  await ada.by("toggle-people").tap();
  await sees(() => ada.people(), ["Ada", "Ben"]);
  await fits(ada, "the people's drawer");
  await ada.by("people-drawer").getByRole("button").tap();
  await until("the drawer closes", () => ada.by("people-drawer").isHidden());

  await ada.by("open-rooms").tap();
  await ada.by("settings").tap();
  await fits(ada, "the settings");
  await ada.by("rename").tap();
  await fits(ada, "the other name");
  await ada.button("Cancel").tap();
  await ada.by("open-rooms").tap();
  await ada.by("create-room").tap();
  await fits(ada, "the new room");
  await ada.button("Cancel").tap();

  await ada.by("leave").tap();
  await until("the toast shows", () => ada.by("toasts").getByRole("button").isVisible());
  await fits(ada, "a toast");
  await ada.visit("nowhere");
  await until("it says so", () => ada.by("refused").isVisible());
  await fits(ada, "no such room");
  await ada.visit("lobby");
  await ada.isIn("lobby");
  await world.server.kill();
  await ada.say("offline");
  await until("the banner shows", () => ada.button("Reconnect now").isVisible());
  await fits(ada, "the banner");
  world.forgiveNetworkErrors();
});

interface Focused {
  what: string;
  ring: boolean;
}

/** What has the focus, and whether one can see that. */
function focused(person: Person): Promise<Focused> {
  return person.page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const shown = (at: Element | null) => {
      if (at === null) return false;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
      return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
    };
    // A radio button lies on its label, the box in a frame that takes the ring.
    const frame = element.closest(".composer-box") ?? element.nextElementSibling;
    if (element === document.body) return { what: "BODY", ring: true };
    const what = element.getAttribute("data-testid") ?? element.getAttribute("aria-label");
    return {
      what: what ?? (element.textContent.trim() || element.tagName),
      ring: shown(element) || shown(frame),
    };
  });
}

scenario("the keyboard reaches everything, and one sees where it is", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  await ada.visit("lobby");
  await sees(async () => (await focused(ada)).what, "name-input");
  await ada.page.keyboard.type("Ada");
  await ada.page.keyboard.press("Enter");
  await ada.isIn("lobby");
  await ada.makeRoom("design");
  await sees(async () => (await focused(ada)).what, "composer");
  await ada.page.keyboard.type("see https://example.org/");
  await ada.page.keyboard.press("Enter");
  await ada.seesAll(["see https://example.org/"]);

  // A reload begins at the top, with something in the box that can be sent.
  await ada.box.fill("draft");
  await ada.page.reload();
  await ada.isIn("design");
  await ada.page.evaluate(() => (document.activeElement as HTMLElement).blur());
  // Twice around, so that it doesn't matter where it begins.
  const order = new Set<string>();
  for (let step = 0; step < 40; step++) {
    await ada.page.keyboard.press("Tab");
    const { what, ring } = await focused(ada);
    assert.ok(ring, `the focus on ${what} can't be seen`);
    order.add(what);
  }
  for (const expected of [
    "Skip to the message box",
    "create-room",
    "room-search",
    "room-item",
    "settings",
    "Copy link to room",
    "leave",
    "toggle-people",
    "message",
    "https://example.org/",
    "composer",
    "send",
  ]) {
    assert.ok(order.has(expected), `Tab doesn't reach ${expected}: ${[...order].join(", ")}`);
  }

  for (const [opener, dialog] of [
    ["settings", "settings-dialog"],
    ["create-room", "create-dialog"],
  ] as const) {
    await ada.by(opener).focus();
    await ada.page.keyboard.press("Enter");
    await until("it opens", () => ada.by(dialog).isVisible());
    for (let step = 0; step < 8; step++) {
      await ada.page.keyboard.press("Tab");
      const { what, ring } = await focused(ada);
      assert.ok(ring, `${dialog}: the focus on ${what} can't be seen`);
      const inside = await ada.page.evaluate(
        () =>
          document.activeElement === document.body ||
          document.activeElement?.closest("dialog") != null,
      );
      assert.ok(inside, `the focus left ${dialog} for ${what}`);
    }
    await ada.page.keyboard.press("Escape");
    await until("it closes", () => ada.by(dialog).isHidden());
    await sees(async () => (await focused(ada)).what, opener);
  }
  // The first dialog can't be got rid of: without a name there is no chat.
  const ben = await world.person("Ben");
  await ben.visit("lobby");
  for (let press = 0; press < 3; press++) await ben.page.keyboard.press("Escape");
  await ben.nameThemselves();
  await ben.isIn("lobby");
});

scenario("on a phone Esc closes the drawers", async (world) => {
  await world.start();
  const ada = await world.person("Ada", PHONE);
  await ada.comeInto("lobby");
  for (const [opener, drawer] of [
    ["open-rooms", "rooms-drawer"],
    ["toggle-people", "people-drawer"],
  ] as const) {
    await ada.by(opener).tap();
    await until("it opens", () => ada.by(drawer).isVisible());
    await ada.page.keyboard.press("Escape");
    await until("it closes", () => ada.by(drawer).isHidden());
  }
});

scenario("new messages are read out politely, history never", async (world) => {
  await world.start();
  const guest = await world.guest("Grace");
  await guest.enter("lobby");
  await guest.say("lobby", ["old one", "old two"]);
  const ada = await world.person("Ada");
  // Everything that the live region ever said.
  await ada.page.addInitScript(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    new MutationObserver(() => {
      const text = document.querySelector("[data-testid=announcer]")?.textContent ?? "";
      if (text !== "" && text !== said.at(-1)) said.push(text);
    }).observe(document, { childList: true, characterData: true, subtree: true });
  });
  await ada.comeInto("lobby");
  await ada.seesAll(["old one", "old two"]);
  const said = () => ada.page.evaluate(() => (window as unknown as { said: string[] }).said);

  const log = ada.page.getByRole("log", { name: "Messages in lobby" });
  assert.equal(await log.getAttribute("aria-live"), "off");
  const regions = ada.by("announcer").locator("[aria-live=polite]");
  assert.equal(await regions.count(), 2, "in turn, so that the same words are said again");
  await guest.say("lobby", ["hello Ada"]);
  await sees(said, ["Grace: hello Ada"]);
  const [before] = await regions.allTextContents();
  await guest.say("lobby", ["hello Ada"]);
  await until("it is said again, elsewhere", async () => {
    const [first, second] = await regions.allTextContents();
    return [first, second].includes("Grace: hello Ada") && first !== before;
  });
  await ada.say("my own");
  await ada.seesAll(["old one", "old two", "hello Ada", "hello Ada", "my own"]);
  const burst = Array.from({ length: 12 }, (_, n) => `burst ${n + 1}`);
  await guest.say("lobby", burst);
  await sees(async () => (await said()).at(-1), "12 new messages in lobby").catch(async () => {
    // A slow machine may spread them over two announcements.
    const all = (await said()).slice(1).join(" ");
    assert.match(all, /new messages? in lobby/);
  });
  assert.ok(!(await said()).join().includes("my own"));

  // A reload brings history, a reconnect what was missed: neither is read out.
  await ada.page.reload();
  await ada.isIn("lobby");
  await sees(async () => (await ada.bodies()).length, 17);
  await guest.say("lobby", ["fresh"]);
  await sees(said, ["Grace: fresh"]);
});

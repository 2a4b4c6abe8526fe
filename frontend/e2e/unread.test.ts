import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import type { Person } from "./support/person.js";
import { sees, until } from "./support/until.js";

const mentions = async (person: Person, room: string): Promise<string | null> => {
  const badge = person.mine(room).locator("[data-testid=mentions] [aria-hidden]");
  return (await badge.count()) === 0 ? null : badge.textContent();
};

scenario("@ offers who fits, those who are away too, and is counted apart", async (world) => {
  await world.start();
  const [ada, ben] = [await world.person("Ada"), await world.person("김민지")];
  await Promise.all([ada.comeInto("lobby"), ben.comeInto("lobby")]);
  await ben.makeRoom("elsewhere");

  // Half a syllable is enough; arrows and Enter choose, and send nothing.
  await ada.write("");
  await ada.box.pressSequentially("안녕 @김");
  await until("the list shows", () => ada.by("mention-list").isVisible());
  assert.equal(await ada.box.getAttribute("aria-activedescendant"), "mention-0");
  await ada.box.press("Enter");
  await sees(() => ada.box.inputValue(), "안녕 @김민지 ");
  assert.deepEqual(await ada.bodies(), []);
  await ada.box.press("Enter");
  await sees(() => ada.bodies(), ["안녕 @김민지"]);
  await ada.say("and this one is for everybody");
  await sees(() => ben.unread("lobby"), "2");
  await sees(() => mentions(ben, "lobby"), "@1");

  await ben.goTo("lobby");
  await sees(() => ben.by("message").first().getAttribute("data-mentions"), "true");
  await until("the divider shows", () => ben.by("divider").isVisible());
  await ben.goTo("elsewhere");
  await sees(() => ben.unread("lobby"), null);
  await sees(() => mentions(ben, "lobby"), null);

  // Who has gone can be mentioned too. Escape closes the list, and Enter sends again.
  await ben.page.goto("about:blank");
  await sees(() => ada.people(), ["Ada"]);
  await ada.box.pressSequentially("@민");
  await ada.box.press("Backspace");
  await ada.box.pressSequentially("김");
  await until("they are offered", () => ada.by("mention-list").isVisible());
  await ada.box.press("Escape");
  await until("it is closed", async () => (await ada.by("mention-list").count()) === 0);
  await ada.box.press("Enter");
  await sees(async () => (await ada.bodies()).at(-1), "@김");
});

scenario("what is unread agrees across devices, and survives a reload", async (world) => {
  await world.start();
  const [ada, ben] = [await world.person("Ada"), await world.person("Ben")];
  await Promise.all([ada.comeInto("lobby"), ben.comeInto("lobby")]);
  await ben.say("hello");
  await ada.seesAll(["hello"]);
  // Another device of the same person: what this browser keeps, but not its marks.
  const identity = await ada.page.evaluate(() => localStorage.getItem("maru:identity"));
  const device = await world.person("Ada (phone)");
  await device.context.addInitScript((kept) => {
    if (localStorage.getItem("maru:identity") === null) {
      localStorage.setItem("maru:identity", kept ?? "");
      localStorage.setItem("maru:rooms", '["lobby","side"]');
    }
  }, identity);
  await ada.makeRoom("side");
  for (const text of ["one", "two", "three"]) await ben.say(text);
  await sees(() => ada.unread("lobby"), "3");
  await device.visit("side");
  await device.isIn("side");
  await sees(() => device.unread("lobby"), "3");
  await ada.page.reload();
  await sees(() => ada.unread("lobby"), "3");

  // Read there, and it is read here.
  await device.goTo("lobby");
  await until("the divider shows", () => device.by("divider").isVisible());
  await sees(() => ada.unread("lobby"), null);
  await ada.goTo("lobby");
  assert.equal(await ada.by("divider").count(), 0);
  // Changes are nothing to read.
  await ada.goTo("side");
  await ben.box.press("ArrowUp");
  await ben.box.fill("drei");
  await ben.box.press("Enter");
  await sees(async () => (await ben.bodies()).at(-1), "drei");
  await ben.say("four");
  await sees(() => ada.unread("lobby"), "1");
});

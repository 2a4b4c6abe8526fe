// "Back" closes what is on top, and never changes the room underneath or leaves the page.

import assert from "node:assert/strict";
import { picture } from "./support/picture.js";
import { scenario } from "./support/scenario.js";
import { PHONE } from "./support/world.js";
import type { Person } from "./support/person.js";
import { sees, until } from "./support/until.js";

const back = (person: Person) => person.page.evaluate(() => history.back());
const shows = (person: Person, what: string) =>
  until(`${what} shows`, () => person.by(what).isVisible());
const goes = (person: Person, what: string) =>
  until(`${what} goes`, () => person.by(what).isHidden());

/** A finger stays on a message. */
async function longPress(person: Person): Promise<void> {
  const body = person.by("body").last();
  const box = await body.boundingBox();
  if (box === null) throw new Error("it is not on screen");
  const session = await person.context.newCDPSession(person.page);
  const point = { x: box.x + 8, y: box.y + box.height / 2 };
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [point] });
  await shows(person, "message-menu");
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

scenario("on a phone back closes what is on top, one by one", async (world) => {
  await world.start();
  const guest = await world.guest("Grace");
  await guest.enter("lobby");
  await guest.bring(world.server.http, "lobby", [["moth.png", picture(320, 200)]]);
  await guest.say("lobby", ["hello"]);
  await guest.make("first");
  const ada = await world.person("Ada", PHONE);
  await ada.comeInto("first");
  await ada.by("open-rooms").tap();
  await ada.page.locator('[data-room="lobby"]').tap();
  await ada.isIn("lobby");
  await ada.hasKeys();
  const stays = async () => {
    assert.equal(await ada.by("room-title").textContent(), "lobby");
    assert.equal(new URL(ada.page.url()).hash, "#/r/lobby");
  };

  const openers: readonly (readonly [string, () => Promise<void>])[] = [
    ["rooms-drawer", () => ada.by("open-rooms").tap()],
    ["people-drawer", () => ada.by("toggle-people").tap()],
    ["search-sheet", () => ada.by("search-open").tap()],
    ["about-dialog", () => ada.by("topic").tap()],
    ["lightbox", () => ada.by("picture").tap()],
    ["message-menu", () => longPress(ada)],
    ["emoji-picker", () => ada.by("emoji-open").tap()],
  ];
  for (const [what, opens] of openers) {
    await opens();
    await shows(ada, what);
    await back(ada);
    await goes(ada, what);
    await stays();
  }
  await longPress(ada);
  await ada.by("message-menu").locator('[data-deed="pin"]').tap();
  await ada.by("pins").tap();
  await shows(ada, "pinned-panel");
  await back(ada);
  await goes(ada, "pinned-panel");
  await stays();

  // One over another: only the upper one goes.
  await ada.by("open-rooms").tap();
  await shows(ada, "rooms-drawer");
  await ada.by("rooms-drawer").getByTestId("settings").tap();
  await shows(ada, "settings-dialog");
  await back(ada);
  await goes(ada, "settings-dialog");
  await stays();

  // What was closed by other means leaves nothing to go back through.
  for (const [what, opens] of openers) {
    await opens();
    await shows(ada, what);
    await ada.page.keyboard.press("Escape");
    await goes(ada, what);
  }
  await back(ada);
  await sees(() => ada.by("room-title").textContent(), "first");
});

scenario("back leads through the rooms, whatever was open in them", async (world) => {
  await world.start();
  const guest = await world.guest("Grace");
  for (const room of ["one", "two", "three"]) await guest.make(room);
  const ada = await world.person("Ada", PHONE);
  await ada.comeInto("one");
  for (const room of ["two", "three"]) {
    await ada.by("open-rooms").tap();
    await ada.page.locator(`[data-room="${room}"]`).tap();
    await ada.isIn(room);
  }
  await ada.by("toggle-people").tap();
  await shows(ada, "people-drawer");
  // After a reload nothing is open any more.
  await ada.page.reload();
  await ada.isIn("three");
  await ada.hasKeys();
  for (const room of ["two", "one"]) {
    await back(ada);
    await sees(() => ada.by("room-title").textContent(), room);
  }
  await ada.page.goForward();
  await sees(() => ada.by("room-title").textContent(), "two");
});

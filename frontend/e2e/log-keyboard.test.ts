import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { sees, until } from "./support/until.js";
import type { Person } from "./support/person.js";

/** Seeds faster than a person may talk. */
const FAST = { MARU_CONNECTION__RATE: "10000", MARU_CONNECTION__BURST: "100000" };

/** The seq of the message that the keyboard is at, and where; null elsewhere. */
const at = (person: Person) =>
  person.page.evaluate(() => {
    const message = document.activeElement?.closest<HTMLElement>("[data-testid=message]");
    return message == null ? null : Number(message.dataset["seq"]);
  });

const focused = (person: Person) =>
  person.page.evaluate(
    () => document.activeElement?.getAttribute("data-testid") ?? document.activeElement?.tagName,
  );

/** Whether the focused message is in view as a whole. */
const inView = (person: Person) =>
  person.by("log").evaluate((log) => {
    const port = log.getBoundingClientRect();
    const row = document.activeElement?.getBoundingClientRect();
    return row !== undefined && row.top >= port.top - 1 && row.bottom <= port.bottom + 1;
  });

scenario("the whole log can be read by the keyboard, with one stop for Tab", async (world) => {
  await world.start(FAST);
  const grace = await world.guest("Grace");
  await grace.enter("archive");
  const say = (from: number, to: number) =>
    grace.say(
      "archive",
      Array.from({ length: to - from + 1 }, (_, i) => `${from + i}: see https://example.org/a`),
    );
  await say(1, 120);
  const ada = await world.person("Ada");
  await ada.comeInto("archive");
  await sees(() => ada.fromBottom(), 0);
  const press = async (key: string) => ada.page.keyboard.press(key);

  // In from the composer below: one stop, at the newest in view, not at a link of some message.
  await ada.tabIntoLog();
  await sees(() => at(ada), 120);
  assert.equal(await focused(ada), "message");
  assert.equal(
    await ada.page.locator("[data-testid=message][tabindex='0']").count(),
    1,
    "one message is the stop",
  );
  await press("ArrowUp");
  await press("ArrowUp");
  await sees(() => at(ada), 118);
  assert.match(
    (await ada.page.locator(":focus").getAttribute("aria-label")) ?? "",
    /^Grace: 118: see https:\/\/example\.org\/a, \d/,
  );
  assert.equal(await ada.page.getByRole("article").count(), await ada.by("message").count());
  // Its own link is the next stop, then what can be done with it, then the log is over.
  await press("Tab");
  assert.equal(await focused(ada), "A");
  assert.equal(await at(ada), 118);
  await press("Tab");
  assert.equal(await at(ada), 118);
  assert.equal(await focused(ada), "BUTTON");
  await press("Tab");
  const inComposer = () =>
    ada.page.evaluate(() => document.activeElement?.closest("form.composer") !== null);
  assert.ok(await inComposer(), "the log is over");
  await press("Shift+Tab");
  await sees(() => at(ada), 118);
  await press("Shift+Tab");
  assert.equal(await at(ada), null);
  assert.notEqual(await focused(ada), "log");
  await press("Tab");
  await sees(() => at(ada), 118);

  // Up through everything, also through what is loaded on the way.
  await press("PageUp");
  await until("a page up", async () => ((await at(ada)) ?? 118) < 110);
  assert.ok(await inView(ada));
  await until("the first message has the keyboard", async () => {
    await press("Home");
    return (await at(ada)) === 1;
  });
  assert.ok(await inView(ada));
  await press("ArrowUp");
  assert.equal(await at(ada), 1);
  await press("ArrowDown");
  await sees(() => at(ada), 2);
  await press("PageDown");
  await until("a page down", async () => ((await at(ada)) ?? 0) > 8);
  assert.ok(await inView(ada));

  // The wheel goes far away, and messages come: the keyboard is where it was.
  const here = await at(ada);
  await ada.by("log").evaluate((log) => (log.scrollTop = log.scrollHeight));
  await sees(() => ada.fromBottom(), 0);
  await say(121, 140);
  await sees(async () => (await ada.bodies()).at(-1)?.startsWith("140:"), true);
  assert.equal(await at(ada), here);
  assert.equal(await inView(ada), false);
  await press("ArrowDown");
  await sees(() => at(ada), (here ?? 0) + 1);
  await until("it is in view", () => inView(ada));

  // The pill by the keyboard leads to the newest message, and End sticks there.
  await press("Home");
  await sees(() => at(ada), 1);
  await ada.by("jump").focus();
  await press("Enter");
  await sees(() => at(ada), 140);
  await press("ArrowUp");
  await press("End");
  await sees(() => at(ada), 140);
  await sees(() => ada.fromBottom(), 0);
  await say(141, 141);
  await sees(async () => (await ada.bodies()).at(-1)?.startsWith("141:"), true);
  await sees(() => ada.fromBottom(), 0);
  await sees(() => at(ada), 140);
  await press("Escape");
  assert.equal(await focused(ada), "composer");
  // Letters are letters.
  await press("j");
  await press("k");
  assert.equal(await ada.box.inputValue(), "jk");
});

scenario("a link leads to a message, wherever it is and whoever opens it", async (world) => {
  await world.start(FAST);
  const grace = await world.guest("Grace");
  await grace.enter("긴 방");
  await grace.say(
    "긴 방",
    Array.from({ length: 400 }, (_, i) => `${i + 1}: ${"말 ".repeat((i * 7) % 60)}`.trim()),
  );
  const ids = await world.server.ids("긴 방");
  assert.equal(ids.length, 400);
  const to = (which: string | number) =>
    `${world.server.frontend}/#/r/${encodeURIComponent("긴 방")}/m/${which}`;
  const link = (seq: number) => to(ids[seq - 1] ?? "");
  const shows = async (person: Person, seq: number) => {
    await sees(() => at(person), seq);
    await until("it is in view", () => inView(person));
  };

  // In a browser that was never here.
  const ada = await world.person("Ada");
  await ada.page.goto(link(57));
  await ada.nameThemselves();
  await ada.isIn("긴 방");
  await shows(ada, 57);
  const offMiddle = await ada.by("log").evaluate((log) => {
    const port = log.getBoundingClientRect();
    const row = document.activeElement?.getBoundingClientRect() ?? port;
    return Math.abs((row.top + row.bottom - port.top - port.bottom) / 2);
  });
  assert.ok(offMiddle <= 2, `${offMiddle} px off the middle`);
  // On from there without a hole, and back to the newest by the pill.
  await ada.page.keyboard.press("ArrowDown");
  await sees(() => at(ada), 58);
  await ada.by("jump").click();
  await sees(async () => (await ada.bodies()).at(-1)?.startsWith("400:"), true);
  await sees(() => ada.fromBottom(), 0);
  assert.equal(new URL(ada.page.url()).hash, `#/r/${encodeURIComponent("긴 방")}`);

  // Within the room, from another room, and "back".
  const open = (link: string) =>
    ada.page.evaluate((hash) => void (location.hash = hash), new URL(link).hash);
  await open(link(399));
  await shows(ada, 399);
  await open(link(3));
  await shows(ada, 3);
  // As links were made before.
  await open(to(120));
  await shows(ada, 120);
  await ada.goTo("lobby");
  await open(link(200));
  await ada.isIn("긴 방");
  await shows(ada, 200);
  await ada.page.goBack();
  await ada.isIn("lobby");
  await ada.page.goForward();
  await ada.isIn("긴 방");
  await shows(ada, 200);

  // What isn't there says so, and the room stays where it is.
  for (const nowhere of [401, 999_999, "0199aa00-0000-7000-8000-000000000000"]) {
    await open(to(nowhere));
    await sees(
      () => ada.by("toasts").locator("p").first().textContent(),
      "This message isn't here any more, or it never was.",
    );
    await ada.by("toasts").getByRole("button").first().click();
    await sees(() => ada.by("toasts").locator("p").count(), 0);
  }
  assert.ok((await ada.bodies()).some((body) => body.startsWith("200:")));
});

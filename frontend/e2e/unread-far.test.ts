// What came while one was away, however much that is: nothing of it is lost before it was on screen.

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { PHONE } from "./support/world.js";
import type { Person } from "./support/person.js";
import type { Wire } from "./support/wire.js";
import { sees, until } from "./support/until.js";

/** Says more than a person may in that time, and keeps few enough for a join to begin anew. */
const BUSY = {
  MARU_CONNECTION__RATE: "10000",
  MARU_CONNECTION__BURST: "100000",
  MARU_CHAT__MAX_REPLAY: "100",
};

const texts = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => `new ${from + n}`);

/** So many messages; the one in the middle of the second half calls somebody. */
async function talk(guest: Wire, count: number, id: string): Promise<void> {
  const called = Math.ceil(count * 0.75);
  await guest.say("lobby", texts(1, called - 1));
  await guest.call("lobby", "@Ada come", id);
  await guest.say("lobby", texts(called + 1, count));
}

const mentions = async (person: Person, room: string): Promise<string | null> => {
  const [text] = await person
    .mine(room)
    .locator("[data-testid=mentions] [aria-hidden]")
    .allTextContents();
  return text ?? null;
};

/** The texts that are on screen as a whole, and whether the line "new" is. */
function onScreen(person: Person): Promise<{ line: boolean; texts: string[] }> {
  return person.by("log").evaluate((log) => {
    const { top, bottom } = log.getBoundingClientRect();
    const inside = (element: Element) => {
      const at = element.getBoundingClientRect();
      return at.top >= top - 1 && at.bottom <= bottom + 1;
    };
    const line = log.querySelector("[data-testid=divider]");
    const rows = [...log.querySelectorAll("[data-testid=message]")].filter(inside);
    return {
      line: line !== null && inside(line),
      texts: rows.map((row) => row.querySelector("[data-testid=body]")?.textContent ?? ""),
    };
  });
}

/** How many are new, as the bar says. */
const news = async (person: Person): Promise<string> =>
  /^(\S+) new since \S/.exec((await person.by("news-first").textContent()) ?? "")?.[1] ?? "";

/** Where news begin is on screen, and nothing below it counts as read. */
async function isAtTheFirst(person: Person, count: number): Promise<void> {
  await until("the first of the news is on screen", async () => {
    const { line, texts } = await onScreen(person);
    return line && texts.includes("new 1");
  });
  const { texts: seen } = await onScreen(person);
  const left = count - seen.filter((text) => /^(?:new|@Ada)/.test(text)).length;
  await sees(() => news(person), left >= 100 ? "100+" : String(left));
}

/** A page at a time, as somebody reads. */
async function readOn(person: Person): Promise<void> {
  await person.by("log").evaluate(async (log) => {
    log.scrollTop += log.clientHeight * 0.8;
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  });
}

for (const [count, visit] of [
  [60, {}],
  [90, PHONE],
  [130, {}],
  [260, {}],
] as const) {
  scenario(`${count} messages while one was away are all there to be read`, async (world) => {
    await world.start(BUSY);
    const guest = await world.guest("Grace");
    await guest.enter("lobby");
    await guest.make("side");
    await guest.say("lobby", ["hello", "there"]);
    const ada = await world.person("Ada", visit);
    await ada.comeInto("side");
    await ada.visit("lobby");
    await ada.isIn("lobby");
    await ada.seesAll(["hello", "there"]);
    const id = await ada.id();
    await ada.page.goto("about:blank");
    await talk(guest, count, id);

    // By its link.
    await ada.visit("lobby");
    await ada.isIn("lobby");
    await isAtTheFirst(ada, count);
    // What was on screen is read, and nothing else is: also after a reload, and from another room.
    await ada.visit("side");
    await ada.isIn("side");
    await ada.page.reload();
    await ada.isIn("side");
    if (visit === PHONE) await ada.by("open-rooms").tap();
    await sees(() => mentions(ada, "lobby"), "@1");
    await ada.mine("lobby").click();
    await ada.isIn("lobby");
    await until("the news are told", () => ada.by("news").isVisible());

    // To its end, page by page: then it is read.
    await until("everything was on screen", async () => {
      await readOn(ada);
      return (await ada.by("news").count()) === 0;
    });
    await sees(async () => (await onScreen(ada)).texts.at(-1), `new ${count}`);
    await sees(() => ada.page.title(), "lobby · Maru");
    await ada.page.reload();
    await ada.isIn("lobby");
    await sees(async () => (await onScreen(ada)).texts.at(-1), `new ${count}`);
    assert.equal(await ada.by("news").count(), 0);
  });
}

scenario("who goes to the newest at once has not read what is between", async (world) => {
  await world.start(BUSY);
  const guest = await world.guest("Grace");
  await guest.enter("lobby");
  await guest.make("side");
  await guest.say("lobby", ["hello"]);
  const ada = await world.person("Ada");
  await ada.comeInto("side");
  await ada.visit("lobby");
  await ada.isIn("lobby");
  await ada.seesAll(["hello"]);
  const id = await ada.id();
  await ada.goTo("side");
  await ada.page.goto("about:blank");
  await talk(guest, 130, id);
  await ada.visit("side");
  await ada.isIn("side");
  await sees(() => ada.unread("lobby"), "99+");

  await ada.goTo("lobby");
  await isAtTheFirst(ada, 130);
  await ada.by("news-jump").click();
  await sees(async () => (await onScreen(ada)).texts.at(-1), "new 130");
  await guest.say("lobby", ["one more"]);
  await sees(async () => (await onScreen(ada)).texts.at(-1), "one more");
  // Nor who answers.
  await ada.say("what did I miss?");
  await sees(async () => (await onScreen(ada)).texts.at(-1), "what did I miss?");
  await until("the news are told", () => ada.by("news").isVisible());
  await ada.goTo("side");
  await sees(() => mentions(ada, "lobby"), "@1");

  // The bar leads to where they begin, and ends them.
  await ada.goTo("lobby");
  await until("the news are told", () => ada.by("news").isVisible());
  await ada.by("news-first").click();
  await until("they begin on screen", async () => (await onScreen(ada)).line);
  await ada.by("news-read").click();
  await until("nothing is new", async () => (await ada.by("news").count()) === 0);
  await ada.goTo("side");
  await sees(() => ada.unread("lobby"), null);
  await sees(() => mentions(ada, "lobby"), null);
});

scenario("what comes while nobody looks is unread, however much the log shows", async (world) => {
  await world.start(BUSY);
  const guest = await world.guest("Grace");
  await guest.enter("lobby");
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await guest.make("side");
  await guest.say("lobby", ["hello"]);
  await ada.seesAll(["hello"]);
  // Another tab is in front.
  const other = await world.tab("Ada's other tab", ada.context);
  await other.page.bringToFront();
  await ada.page.evaluate(() => {
    document.hasFocus = () => false;
    dispatchEvent(new Event("blur"));
  });
  await guest.say("lobby", texts(1, 80));
  await sees(() => ada.page.title(), "(80) lobby · Maru");
  await ada.page.bringToFront();
  await ada.page.evaluate(() => {
    document.hasFocus = () => true;
    dispatchEvent(new Event("focus"));
  });
  await sees(() => news(ada), "80");
  await ada.by("news-first").click();
  await isAtTheFirst(ada, 80);
});

// What is selected across messages: it is copied as one reads it, and stays what it was.

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import type { Person } from "./support/person.js";
import { sees, until } from "./support/until.js";

const FAST = { MARU_CONNECTION__RATE: "10000", MARU_CONNECTION__BURST: "100000" };

const bodyOf = (person: Person, text: string) =>
  person.by("body").filter({ hasText: text }).first();

/** By the pointer, from the first letter of one message to the last of another. */
async function drag(person: Person, from: string, to: string): Promise<void> {
  // What is selected already would be dragged itself.
  await person.page.evaluate(() => getSelection()?.removeAllRanges());
  const [first, last] = [
    await bodyOf(person, from).boundingBox(),
    await bodyOf(person, to).evaluate((body) => {
      const range = document.createRange();
      range.selectNodeContents(body);
      const { right, bottom } = [...range.getClientRects()].at(-1) ?? { right: 0, bottom: 0 };
      return { x: right, y: bottom };
    }),
  ];
  if (first === null) throw new Error(`${from} is not on screen`);
  const { mouse } = person.page;
  await mouse.move(first.x + 1, first.y + 8);
  await mouse.down();
  await mouse.move(last.x + 20, last.y - 6, { steps: 8 });
  await mouse.up();
}

const selected = (person: Person) => person.page.evaluate(() => String(getSelection()));

scenario("what is copied is names, times and texts", async (world) => {
  await world.start();
  const [grace, ben] = [await world.guest("Grace"), await world.guest("Ben")];
  for (const guest of [grace, ben]) await guest.enter("lobby");
  await grace.say("lobby", ["first"]);
  await grace.say("lobby", ["second\n\nwith a gap"]);
  await ben.say("lobby", ["- one\n- two\n\n```sh\nls -l\n```"]);
  await ben.say("lobby", ["last of all"]);
  await grace.react("lobby", 2, "👍");
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await until("the code shows", () => ada.by("code").isVisible());
  await until("the reaction shows", () => ada.by("reaction").isVisible());
  await ada.hasKeys();
  const times = await ada.page.locator(".message-head time").allTextContents();

  await drag(ada, "first", "last of all");
  await sees(
    () => ada.copies(),
    `first\nsecond\n\nwith a gap\n\nBen ${times[1] ?? ""}\n• one\n• two\nls -l\nlast of all`,
  );
  // Within one message it is its text alone.
  await drag(ada, "second", "second");
  assert.equal((await ada.copies()).trim(), "second\n\nwith a gap");
  // From the head of the first one.
  await ada.page.evaluate(() => {
    const rows = document.querySelectorAll("[data-testid=message]");
    const [first, second] = [rows[0], rows[1]];
    if (first === undefined || second === undefined) throw new Error("they are not there");
    getSelection()?.setBaseAndExtent(first, 0, second, second.childNodes.length);
  });
  await sees(() => ada.copies(), `Grace ${times[0] ?? ""}\nfirst\nsecond\n\nwith a gap`);
});

scenario("what is selected stays what it was, however far one scrolls", async (world) => {
  await world.start(FAST);
  const grace = await world.guest("Grace");
  await grace.enter("lobby");
  await grace.say(
    "lobby",
    Array.from({ length: 300 }, (_, n) => `line ${n + 1}. ${"word ".repeat(n % 20)}`.trim()),
  );
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await sees(() => ada.fromBottom(), 0);
  await ada.hasKeys();
  await drag(ada, "line 294.", "line 298.");
  const before = await selected(ada);
  assert.match(before, /line 294[^]*line 298/);
  const copied = await ada.copies();

  await ada.by("log").hover();
  await until("the beginning is there", async () => {
    await ada.page.mouse.wheel(0, -1_200);
    assert.equal(await selected(ada), before);
    return (await ada.by("log-more").count()) === 0;
  });
  await ada.by("log").evaluate((log) => (log.scrollTop = 0));
  await until("the first is on screen", () => bodyOf(ada, "line 1.").isVisible());
  await grace.say("lobby", ["news"]);
  await sees(() => ada.page.title(), "(1) lobby · Maru");
  assert.equal(await selected(ada), before);
  assert.equal(await ada.copies(), copied);

  await ada.by("jump").click();
  await sees(() => ada.fromBottom(), 0);
  assert.equal(await selected(ada), before);
});

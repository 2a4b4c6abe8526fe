// Looking for what was said: in Korean and English, here and everywhere, by the keyboard, on a phone.

import assert from "node:assert/strict";
import type { Person } from "./support/person.js";
import { scenario } from "./support/scenario.js";
import { sees, until } from "./support/until.js";
import type { World } from "./support/world.js";
import { PHONE } from "./support/world.js";

async function talked(world: World): Promise<void> {
  await world.start();
  const ada = await world.guest("Ada");
  await ada.enter("개발");
  await ada.say("개발", ["회의록은 어디에 있나요?"]);
  await ada.say(
    "개발",
    Array.from({ length: 150 }, (_, n) => `그냥 하는 말 ${n + 1}`),
  );
  await ada.say("개발", ["**회의**는 3시예요 <b>굵게</b>"]);
  await ada.enter("점심");
  await ada.say("점심", ["회의 끝나고 냉면 먹어요", "Found a moth in the relay."]);
}

const results = (person: Person) =>
  person.by("hit").evaluateAll((hits) =>
    hits.map((hit) => ({
      room: hit.getAttribute("data-room"),
      text: hit.querySelector(".hit-text")?.textContent ?? "",
      marks: [...hit.querySelectorAll("mark")].map((mark) => mark.textContent),
    })),
  );
const count = (person: Person) => person.by("hit").count();
const inView = (person: Person, text: string) =>
  person
    .by("message")
    .filter({ hasText: text })
    .first()
    .evaluate((row) => {
      const box = row.getBoundingClientRect();
      const log = row.closest("[role=log]")?.getBoundingClientRect();
      return log !== undefined && box.top >= log.top && box.bottom <= log.bottom + 1;
    })
    .catch(() => false);

/** The index is written a moment after the messages. */
async function finds(person: Person, query: string, expected: number): Promise<void> {
  await until(`${expected} are found`, async () => {
    await person.by("search-input").fill("");
    await person.by("search-input").fill(query);
    await until(
      "there is an answer",
      async () => (await person.by("search-none").or(person.by("hit").first()).count()) > 0,
    );
    return (await count(person)) === expected;
  });
}

scenario("by the keyboard alone: found here, shown in its place, and back", async (world) => {
  await talked(world);
  const minji = await world.person("민지");
  await minji.comeInto("점심");
  await minji.visit("개발");
  await minji.isIn("개발");
  await minji.box.press("Control+Shift+F");
  await until("the search is open", () => minji.by("search-input").isVisible());
  await sees(
    () => minji.by("search-input").evaluate((field) => field === document.activeElement),
    true,
  );
  await until("it says what it is for", () => minji.by("search-empty").isVisible());
  await minji.page.getByRole("radio", { name: "This room" }).check({ force: true });
  await minji.by("search-input").focus();
  await finds(minji, "회의", 2);
  // Text stays text.
  const found = await results(minji);
  assert.ok(found.every(({ marks }) => marks.includes("회의")));
  assert.ok(found.some(({ text }) => text.includes("<b>굵게</b>")));
  await sees(() => minji.by("search-status").textContent(), "2 results");

  const old = found.findIndex(({ text }) => text.includes("회의록"));
  for (let n = 0; n < old; n++) await minji.page.keyboard.press("ArrowDown");
  await sees(() => minji.by("search-input").getAttribute("aria-activedescendant"), `hit-${old}`);
  await minji.page.keyboard.press("Enter");
  await until("it is in view", () => inView(minji, "회의록은 어디에"));

  await minji.by("search-input").focus();
  await minji.page.keyboard.press("Escape");
  await sees(() => minji.by("search").count(), 0);
  await sees(() => minji.box.evaluate((box) => box === document.activeElement), true);
  // It is as it was left.
  await minji.by("search-open").click();
  await sees(() => minji.by("search-input").inputValue(), "회의");
  await sees(() => count(minji), 2);
});

scenario("in all rooms, and a result of another room opens that", async (world) => {
  await talked(world);
  const minji = await world.person("민지");
  await minji.comeInto("점심");
  await minji.visit("개발");
  await minji.isIn("개발");
  await minji.by("search-open").click();
  await finds(minji, "회의", 3);
  await minji.by("hit").filter({ hasText: "냉면" }).click();
  await minji.isIn("점심");
  await until("it is in view", () => inView(minji, "냉면"));
  await until("the search is still there", () => minji.by("search").isVisible());
});

scenario("too short, nothing found, and the way to look further", async (world) => {
  await talked(world);
  const minji = await world.person("민지");
  await minji.comeInto("개발");
  await minji.visit("점심");
  await minji.isIn("점심");
  await minji.by("search-open").click();
  await minji.by("search-input").fill("m");
  await until("it says why", () => minji.by("search-hint").isVisible());
  await minji.page.getByRole("radio", { name: "This room" }).check({ force: true });
  await finds(minji, "moth", 1);
  await minji.by("search-input").fill("굵게");
  await until("nothing is found here", () => minji.by("search-none").isVisible());
  await minji.button("Search all your rooms").click();
  await sees(() => count(minji), 1);
  await minji.by("search-clear").click();
  await until("it is empty", () => minji.by("search-empty").isVisible());
});

scenario("more results come at the end of the list", async (world) => {
  await talked(world);
  const minji = await world.person("민지");
  await minji.comeInto("개발");
  await minji.by("search-open").click();
  await finds(minji, "하는 말", 20);
  await minji.by("search-results").evaluate((list) => {
    const port = list.parentElement;
    port?.scrollTo(0, port.scrollHeight);
  });
  await until("there are more", async () => (await count(minji)) >= 40);
  const seen = await results(minji);
  assert.equal(new Set(seen.map(({ text }) => text)).size, seen.length);
});

scenario("on a phone it fills the screen, and a result puts it away", async (world) => {
  await talked(world);
  const dowon = await world.person("도윤", { ...PHONE });
  await dowon.comeInto("개발");
  await dowon.by("search-open").tap();
  await until("the sheet is open", () => dowon.by("search-sheet").isVisible());
  await until("nothing moves", () => dowon.isStill());
  const box = await dowon.by("search-sheet").boundingBox();
  assert.equal(box?.width, await dowon.page.evaluate(() => innerWidth));
  await finds(dowon, "회의록", 1);
  assert.equal(await dowon.overflow(), null);
  await dowon.by("hit").first().tap();
  await sees(() => dowon.by("search-sheet").count(), 0);
  await until("it is in view", () => inView(dowon, "회의록은 어디에"));
});

scenario("a lost connection is said in a sentence", async (world) => {
  await talked(world);
  const minji = await world.person("민지");
  await minji.comeInto("개발");
  await minji.by("search-open").click();
  await world.server.kill();
  await until("the connection is lost", () => minji.banner.isVisible());
  await minji.by("search-input").fill("회의");
  await until("it is said", async () =>
    ((await minji.by("search-failed").textContent()) ?? "").includes("There is no connection"),
  );
  await world.server.restart();
  await until("it is back", async () => !(await minji.banner.isVisible()));
  await minji.button("Try again").click();
  await until("it is found", async () => (await count(minji)) > 0);
  minji.forgiveNetworkErrors();
});

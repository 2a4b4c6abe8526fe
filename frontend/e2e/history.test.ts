import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { PHONE } from "./support/world.js";
import type { World } from "./support/world.js";
import type { Person } from "./support/person.js";
import { sees, until } from "./support/until.js";

/** Seeds faster than a person may talk. */
const FAST = { MARU_CONNECTION__RATE: "10000", MARU_CONNECTION__BURST: "100000" };

/** Lines of one to many words, so that rows are of several heights. */
const line = (n: number) => `${n}: ${"word ".repeat((n * 7) % 40)}`.trim();

async function seed(world: World, room: string, count: number) {
  const guests = [await world.guest("Grace"), await world.guest("하늘")];
  for (const guest of guests) await guest.enter(room);
  for (let n = 1; n <= count; n += 25) {
    const guest = guests[Math.floor(n / 25) % 2];
    await guest?.say(
      room,
      Array.from({ length: Math.min(25, count - n + 1) }, (_, i) => line(n + i)),
    );
  }
  return guests;
}

interface Spot {
  id: string;
  body: string;
  top: number;
}

/** Scrolls by this much and tells, before anything else happens, what is then at the top. */
function scrollBy(person: Person, by: number): Promise<Spot> {
  return person.by("log").evaluate((log, by) => {
    log.scrollTop += by;
    const edge = log.getBoundingClientRect().top;
    for (const row of log.querySelectorAll<HTMLElement>("[data-testid=message]")) {
      const { top, bottom } = row.getBoundingClientRect();
      const body = row.querySelector("[data-testid=body]")?.textContent ?? "";
      if (bottom > edge) return { id: row.dataset["messageId"] ?? "", body, top: top - edge };
    }
    throw new Error("nothing is visible");
  }, by);
}

function topOf(person: Person, id: string): Promise<number> {
  return person.by("log").evaluate((log, id) => {
    const row = log.querySelector(`[data-message-id="${id}"]`);
    if (row === null) throw new Error(`${id} is gone`);
    return row.getBoundingClientRect().top - log.getBoundingClientRect().top;
  }, id);
}

async function stays(person: Person, spot: Spot, why: string): Promise<void> {
  const moved = (await topOf(person, spot.id)) - spot.top;
  assert.ok(Math.abs(moved) <= 2, `${why}: what was read moved by ${moved} px`);
}

const startIsHeld = async (person: Person) => (await person.by("log-more").count()) === 0;

/** Everything that follows from the last event has been painted. */
const frames = (person: Person) =>
  person.page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  });

const scrollTop = (person: Person) => person.by("log").evaluate((log) => log.scrollTop);

/** Scrolls up page by page to the start of the room, and looks that nothing jumps. */
async function readBackToTheStart(person: Person): Promise<number> {
  let pages = 0;
  for (;;) {
    // What is drawn goes along only frame by frame; then into the reach of the next page.
    await scrollBy(person, 1_200 - (await scrollTop(person)));
    await frames(person);
    const spot = await scrollBy(person, -500);
    await until(
      "the older page is there",
      async () => (await scrollTop(person)) > 1_000 || (await startIsHeld(person)),
    );
    await stays(person, spot, `page ${pages} above`);
    if (await startIsHeld(person)) return pages;
    pages += 1;
  }
}

/** Reads from where the reader is down to the end: what passes by, in order, each once. */
function readDown(person: Person): Promise<string[]> {
  return person.by("log").evaluate(async (log) => {
    const read = new Map<number, string>();
    for (;;) {
      for (const row of log.querySelectorAll<HTMLElement>("[data-testid=message]")) {
        const body = row.querySelector("[data-testid=body]")?.textContent ?? "";
        read.set(Number(row.dataset["seq"]), body);
      }
      const end = log.scrollHeight - log.clientHeight - log.scrollTop < 1;
      if (end) break;
      log.scrollTop += log.clientHeight * 0.8;
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    }
    return [...read].sort(([a], [b]) => a - b).map(([, body]) => body);
  });
}

/** Elements of the whole page. */
const elements = (person: Person) =>
  person.page.evaluate(() => document.querySelectorAll("*").length);

for (const [where, visit] of [
  ["on a desktop", {}],
  ["on a phone", { ...PHONE, reducedMotion: "no-preference" }],
] as const) {
  scenario(`scrolling up ${where} loads older pages and nothing jumps`, async (world) => {
    await world.start(FAST);
    const [guest] = await seed(world, "archive", 300);
    const ada = await world.person("Ada", visit);
    await ada.comeInto("archive");
    await sees(async () => (await ada.bodies()).at(-1), line(300));
    await sees(() => ada.fromBottom(), 0);

    assert.ok((await readBackToTheStart(ada)) >= 2);
    await scrollBy(ada, -100_000);
    await frames(ada);
    assert.deepEqual(
      await readDown(ada),
      Array.from({ length: 300 }, (_, i) => line(i + 1)),
    );
    await scrollBy(ada, -100_000);
    await frames(ada);
    await until("the start shows", () => ada.by("room-start").isVisible());
    assert.match((await ada.by("room-start").textContent()) ?? "", /This is where archive begins/);

    // Somebody speaks while the reader is up here: nothing moves, and the pill tells.
    const spot = await scrollBy(ada, 700);
    await guest?.say("archive", ["news"]);
    await sees(() => ada.by("jump").locator("span").textContent(), "1 new");
    await stays(ada, spot, "a new message");
    await ada.by("jump").click();
    await sees(async () => (await ada.bodies()).at(-1), "news");
    await sees(() => ada.fromBottom(), 0);
    await until("the pill is gone", () => ada.by("jump").isHidden());
  });
}

scenario("a reader far up finds the way back to the newest", async (world) => {
  await world.start(FAST);
  const [guest] = await seed(world, "archive", 450);
  const ada = await world.person("Ada");
  await ada.comeInto("archive");
  await sees(async () => (await ada.bodies()).at(-1), line(450));
  await readBackToTheStart(ada);
  assert.ok((await elements(ada)) < 2_500);
  await guest?.say("archive", ["news"]);
  await sees(() => ada.by("jump").locator("span").textContent(), "1 new");

  // Down again by the wheel: the pages come back without a hole.
  await ada.by("log").hover();
  await until("the newest is there", async () => {
    await ada.page.mouse.wheel(0, 1500);
    return (await ada.bodies()).at(-1) === "news" && (await ada.fromBottom()) === 0;
  });

  await readBackToTheStart(ada);
  await ada.by("jump").click();
  await sees(async () => (await ada.bodies()).at(-1), "news");
  await sees(() => ada.fromBottom(), 0);
  await ada.say("here again");
  await sees(async () => (await ada.bodies()).at(-1), "here again");
});

scenario("who reads the newest stays there, whatever changes its height", async (world) => {
  await world.start(FAST);
  const [guest] = await seed(world, "archive", 60);
  const ada = await world.person("Ada");
  await ada.comeInto("archive");
  const atTheNewest = () => sees(() => ada.fromBottom(), 0);
  await atTheNewest();

  guest?.typing("archive", true);
  await sees(() => ada.by("typing").getAttribute("data-on"), "true");
  await atTheNewest();
  const before = await ada.box.evaluate((box) => box.clientHeight);
  await ada.write("a\nb\nc\nd\ne\nf");
  await until(
    "the box grew",
    async () => (await ada.box.evaluate((b) => b.clientHeight)) > before + 60,
  );
  await atTheNewest();
  await ada.write("");
  await sees(() => ada.box.evaluate((box) => box.clientHeight), before);
  await atTheNewest();
  // Another width wraps every line anew.
  for (const width of [390, 760, 1280]) {
    await ada.page.setViewportSize({ width, height: width === 390 ? 500 : 800 });
    await atTheNewest();
  }
  await guest?.say("archive", ["one", "two\nthree\nfour\nfive"]);
  await sees(async () => (await ada.bodies()).slice(-2), ["one", "two\nthree\nfour\nfive"]);
  await atTheNewest();

  // Another room and back: a reader who was up is where they were.
  await ada.by("log").evaluate((log) => (log.scrollTop = 0));
  await until("the start shows", () => ada.by("room-start").isVisible());
  const spot = await scrollBy(ada, 300);
  await ada.goTo("lobby");
  await ada.goTo("archive");
  await until("it is drawn", async () => (await ada.bodies()).includes(spot.body));
  await stays(ada, spot, "another room and back");
  await ada.say("mine");
  await atTheNewest();
});

scenario(
  "who reads the newest stays there while they write, however much that is",
  async (world) => {
    await world.start(FAST);
    const [guest] = await seed(world, "archive", 60);
    for (const visit of [{}, PHONE]) {
      const ada = await world.person(visit === PHONE ? "Ada" : "Eve", visit);
      await ada.comeInto("archive");
      const atTheNewest = () => sees(() => ada.fromBottom(), 0);
      await atTheNewest();
      const seesAtOnce = async (text: string) => {
        await guest?.say("archive", [text]);
        await sees(async () => (await ada.bodies()).at(-1), text);
        await atTheNewest();
        assert.equal(await ada.by("jump").count(), 0);
      };

      // Line by line, up to where the box grows no more, and within the last one.
      await ada.box.focus();
      for (let line = 1; line <= 12; line++) {
        await ada.page.keyboard.type(`line ${line}`);
        await frames(ada);
        await atTheNewest();
        await ada.page.keyboard.press("Shift+Enter");
        await frames(ada);
        await atTheNewest();
      }
      await seesAtOnce(`while ${ada.name} writes`);
      // Everything at once, away and there again.
      await ada.box.press("ControlOrMeta+A");
      await ada.box.press("Delete");
      await frames(ada);
      await atTheNewest();
      await ada.page.keyboard.insertText("pasted\n".repeat(9));
      await frames(ada);
      await atTheNewest();
      // The keyboard of a phone comes and goes.
      const size = ada.page.viewportSize() ?? { width: 390, height: 844 };
      for (const height of [size.height - 300, size.height]) {
        await ada.page.setViewportSize({ ...size, height });
        await atTheNewest();
      }
      await seesAtOnce(`after ${ada.name} pasted`);
    }
  },
);

/** Goes up, page by page, to the first message. */
const seesTheFirst = (person: Person) =>
  until("the first is there", async () => {
    await person.by("log").evaluate((log) => (log.scrollTop = 0));
    return (await person.bodies())[0] === line(1);
  });

scenario("a reaction that is flipped over and over hides nothing", async (world) => {
  await world.start({ ...FAST, MARU_CHAT__FLIPS: "1000", MARU_CHAT__FLIP_INTERVAL: "1ms" });
  const [guest] = await seed(world, "archive", 120);
  if (guest === undefined) throw new Error("nobody wrote");
  const ada = await world.person("Ada");
  await ada.comeInto("archive");
  await sees(async () => (await ada.bodies()).at(-1), line(120));
  await ada.page.goto("about:blank");
  const flips = Array.from({ length: 601 }, (_, n) =>
    guest.react("archive", 60, "👍", n % 2 === 0),
  );
  await Promise.all(flips);
  await guest.say("archive", ["after it"]);

  // Who comes new reads what was said, back to the beginning.
  const ben = await world.person("Ben");
  await ben.comeInto("archive");
  await sees(async () => (await ben.bodies()).slice(-2), [line(120), "after it"]);
  await seesTheFirst(ben);

  // Who comes back goes on where they were, and sees what became of what they had read.
  await ada.visit("archive");
  await ada.isIn("archive");
  await until("the divider shows", () => ada.by("divider").isVisible());
  await sees(async () => (await ada.bodies()).slice(-2), [line(120), "after it"]);
  await guest.say("archive", ["and on"]);
  await sees(async () => (await ada.bodies()).at(-1), "and on");
  await seesTheFirst(ada);
});

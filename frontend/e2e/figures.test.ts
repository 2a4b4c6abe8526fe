// What the page promises of its own size and pace. A test fails by what doesn't depend on the
// machine: how many elements there are, what the heap keeps. Times are told as diagnostics.

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { Crowd, FAST } from "./support/crowd.js";
import { frames, heap, mib, painted, spread } from "./support/meter.js";
import type { Frames } from "./support/meter.js";
import { sees, until } from "./support/until.js";
import type { Person } from "./support/person.js";

const MOST_ELEMENTS = 2_500;
/** What a page holds of the room on screen (src/store/timeline.ts), a tenth more at times. */
const HELD = 10_000;

/** What stands at an end of what is drawn. Who talks at once is heard in any order: seqs tell. */
const first = (person: Person) =>
  person.by("message").first().getAttribute("data-seq").then(Number);
const last = (person: Person) => person.by("message").last().getAttribute("data-seq").then(Number);

/** Says so many as fast as the page follows: whom the server has to leave behind starts anew. */
async function fill(crowd: Crowd, person: Person, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 500) {
    const there = (await person.by("message").count()) === 0 ? 0 : await last(person);
    const more = Math.min(left, 500);
    await crowd.say(more);
    await sees(() => last(person), there + more);
  }
}

const tell = ({ median, p95, worst, longestTask, elements }: Frames) =>
  `frames: median ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, worst ${worst.toFixed(0)} ms; ` +
  `longest task ${longestTask.toFixed(0)} ms; at most ${elements} elements`;

scenario("ten thousand messages keep few elements, however they are scrolled", async (world, t) => {
  await world.start(FAST);
  const crowd = await Crowd.come(world, "archive");
  const ada = await world.person("Ada");
  await ada.comeInto("archive");
  const coming = await frames(ada, async () => {
    await fill(crowd, ada, HELD);
  });
  t.diagnostic(`${HELD} messages at once: ${tell(coming)}`);

  const log = ada.by("log");
  const scrolling = await frames(ada, async () => {
    await log.hover();
    for (let turn = 0; turn < 40; turn++) await ada.page.mouse.wheel(0, turn < 25 ? -2_000 : 1_500);
    // The pill comes first.
    await ada.tabIntoLog();
    await ada.page.keyboard.press("Shift+Tab");
    for (let press = 0; press < 15; press++) await ada.page.keyboard.press("PageUp");
    // The scroll bar, dragged.
    const height = await log.evaluate((log) => log.scrollHeight);
    const dragged = await log.evaluate(async (log) => {
      for (let step = 0; step <= 60; step++) {
        log.scrollTop = log.scrollHeight * Math.abs(Math.cos(step / 7));
        await new Promise(requestAnimationFrame);
      }
      return log.scrollHeight;
    });
    assert.ok(dragged < height * 1.2, `the scroll bar went from ${height} to ${dragged} px`);
    await ada.page.keyboard.press("Home");
    await until("the first is there", async () => (await first(ada)) === 1);
    await ada.page.keyboard.press("End");
    await sees(() => last(ada), HELD);
    await sees(() => ada.fromBottom(), 0);
  });
  t.diagnostic(`scrolled through: ${tell(scrolling)}`);
  for (const { elements } of [coming, scrolling]) {
    assert.ok(elements <= MOST_ELEMENTS, `${elements} elements`);
  }
});

scenario(
  "a busy room costs the same after a while, and one's own message shows",
  async (world, t) => {
    await world.start(FAST);
    const crowd = await Crowd.come(world, "busy");
    const ada = await world.person("Ada");
    await ada.comeInto("busy");
    // As much as is held at most, and all that is loaded and written on the way once: what comes then
    // only replaces.
    await crowd.say(HELD * 1.1);
    await sees(() => last(ada), HELD * 1.1);
    const talking = await frames(ada, () => crowd.talk(200, 5_000));
    t.diagnostic(`200 messages a second: ${tell(talking)}`);
    // What the page has not taken in yet lies on the heap as well.
    const weighed = async (messages: number) => {
      await crowd.say(messages);
      const { head } = crowd;
      await sees(() => last(ada), head);
      return heap(ada);
    };
    const first = await heap(ada);
    const before = await weighed(HELD);
    const after = await weighed(HELD + 1_000);
    t.diagnostic(`heap at first ${mib(first)}`);
    t.diagnostic(`heap: ${mib(before)}, after ${HELD + 1_000} more messages ${mib(after)}`);
    assert.ok(talking.elements <= MOST_ELEMENTS, `${talking.elements} elements`);
    assert.ok(after < before + 3 * 1_048_576, `the heap grew from ${mib(before)} to ${mib(after)}`);

    const own = [];
    for (let i = 0; i < 8; i++) {
      await ada.write(`mine ${i}`);
      const shows = `//*[@data-testid="body"][.="mine ${i}"]`;
      own.push(await painted(ada, "keydown", shows, () => ada.box.press("Enter")));
    }
    t.diagnostic(`one's own message painted after Enter: ${spread(own)}`);

    const switches = [];
    for (let i = 0; i < 8; i++) {
      const to = i % 2 === 0 ? "lobby" : "busy";
      const shows = `//*[@data-testid="room-title"][.="${to}"]`;
      switches.push(await painted(ada, "click", shows, () => ada.goTo(to)));
    }
    t.diagnostic(`a room that is in memory painted after the click: ${spread(switches.slice(1))}`);
  },
);

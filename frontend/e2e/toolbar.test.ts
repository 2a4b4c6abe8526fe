// What can be done with a message stands beside what it says, and in reach.

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import type { Person } from "./support/person.js";
import type { Locator } from "playwright-core";
import { sees, until } from "./support/until.js";

const FAST = { MARU_CONNECTION__RATE: "10000", MARU_CONNECTION__BURST: "100000" };

const saying = (person: Person, text: string) =>
  person.by("message").filter({ hasText: text }).last();

/** Points at a message and waits for its tools. */
async function pointAt(message: Locator): Promise<void> {
  const box = await message.boundingBox();
  if (box === null) throw new Error("it is not on screen");
  await message.hover({ position: { x: 120, y: box.height - 4 } });
  await until("its tools show", () => message.getByTestId("toolbar").isVisible());
}

/** Whether a pointer in the middle of an element, or at a corner of its text, meets it. */
const isFree = (element: Locator) =>
  element.evaluate((each) => {
    const range = document.createRange();
    range.selectNodeContents(each);
    const rects =
      each.childElementCount > 0 ? [each.getBoundingClientRect()] : [...range.getClientRects()];
    return rects.every(({ left, right, top, bottom }) =>
      [left + 2, (left + right) / 2, right - 2].every((x) => {
        const met = document.elementFromPoint(x, (top + bottom) / 2);
        return met !== null && (each.contains(met) || met.contains(each));
      }),
    );
  });

scenario("the tools of a message hide nothing of it, and are in reach", async (world) => {
  await world.start(FAST);
  const grace = await world.guest("Grace");
  await grace.enter("lobby");
  await grace.say("lobby", ["before", "```sh\nls -l\n```", "שלום לכולם, מה שלומכם היום כאן בחדר"]);
  await grace.say("lobby", ["tall\n".repeat(80)]);
  await grace.say(
    "lobby",
    Array.from({ length: 60 }, (_, n) => `line ${n + 1}`),
  );
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await ada.hasKeys();
  await sees(() => ada.fromBottom(), 0);

  // The way back to the newest stands over them.
  await ada.by("log").evaluate((log) => (log.scrollTop -= 900));
  await until("it is offered", () => ada.by("jump").isVisible());
  const jump = await ada.by("jump").boundingBox();
  if (jump === null) throw new Error("it is not on screen");
  await ada.page.mouse.move(jump.x - 60, jump.y + jump.height);
  await until("tools show", async () => (await ada.by("toolbar").count()) === 1);
  assert.ok(await isFree(ada.by("jump")), "the way to the newest is hidden");

  await ada.by("log").evaluate((log) => (log.scrollTop = 0));
  await until("the code shows", () => ada.by("code").isVisible());
  for (const [text, part] of [
    ["ls -l", "code-copy"],
    ["שלום", "body"],
  ] as const) {
    await pointAt(saying(ada, text));
    assert.ok(await isFree(saying(ada, text).getByTestId(part)), `${part} of ${text} is hidden`);
  }

  // Of one that is higher than the view they are in view, and work.
  const tall = ada.by("message").filter({ hasText: "tall" });
  await ada.by("log").evaluate((log) => {
    const row = [...log.querySelectorAll("[data-testid=message]")].find((each) =>
      each.textContent.includes("tall"),
    );
    log.scrollTop +=
      (row?.getBoundingClientRect().top ?? 0) - log.getBoundingClientRect().top + 400;
  });
  const log = await ada.by("log").boundingBox();
  if (log === null) throw new Error("there is no log");
  await ada.page.mouse.move(log.x + 200, log.y + 300);
  await until("its tools show", () => tall.getByTestId("toolbar").isVisible());
  const bar = await tall.getByTestId("toolbar").boundingBox();
  assert.ok(bar !== null && bar.y >= log.y, `they are at ${bar?.y ?? 0}, above ${log.y}`);
  await tall.locator('[data-deed="reply"]').click();
  await sees(() => ada.by("compose-bar").getAttribute("data-is"), "reply");
});

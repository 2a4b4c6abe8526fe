// A page that is left open goes on with the clock, wherever it is taken.

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import type { Person } from "./support/person.js";
import { sees, until } from "./support/until.js";

const DAY_MS = 86_400_000;
const days = (person: Person) => person.by("day").allTextContents();
const time = (person: Person) => person.by("message").first().locator("time").first().textContent();

scenario("after midnight today is yesterday, everywhere", async (world) => {
  await world.start();
  const ada = await world.person("Ada", { timezoneId: "Asia/Seoul" });
  await ada.page.clock.install();
  await ada.comeInto("lobby");
  await ada.hasKeys();
  await ada.say("before midnight");
  await ada.seesAll(["before midnight"]);
  await sees(() => days(ada), ["Today"]);
  await ada.page.clock.fastForward(DAY_MS);
  await sees(() => days(ada), ["Yesterday"]);
  await ada.page.clock.fastForward(DAY_MS);
  await until("it is a date", async () => /\d{4}/.test((await days(ada))[0] ?? ""));
});

scenario("in another time zone all times are its own", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  const cdp = await ada.context.newCDPSession(ada.page);
  const travel = (timezoneId: string) => cdp.send("Emulation.setTimezoneOverride", { timezoneId });
  await travel("Asia/Seoul");
  await ada.comeInto("lobby");
  await ada.hasKeys();
  await ada.say("on my way");
  await ada.seesAll(["on my way"]);
  const { at } = await ada.page.evaluate(() => ({
    at: document.querySelector("[data-testid=message] time")?.getAttribute("datetime") ?? "",
  }));
  const there = (timeZone: string) =>
    new Intl.DateTimeFormat("en", { hour: "numeric", minute: "2-digit", timeZone }).format(
      new Date(at),
    );
  await sees(() => time(ada), there("Asia/Seoul"));
  assert.notEqual(there("Asia/Seoul"), there("America/New_York"));
  await travel("America/New_York");
  await sees(() => time(ada), there("America/New_York"));
});

// Fills a server with a conversation and draws the page as people see it:
//   npm run screenshots -- <folder>
// Not a test; to be looked at.

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Tour, TOURISTS } from "./support/tour.js";
import type { Look, Tourist } from "./support/tour.js";
import { closeBrowser, World } from "./support/world.js";
import { until } from "./support/until.js";

const folder = resolve(process.argv[2] ?? "test-results/screenshots");
mkdirSync(folder, { recursive: true });

function shootFor({ locale, scheme, phone }: Tourist): Look {
  const label = `${phone ? "phone" : "desktop"}-${scheme}-${locale.slice(0, 2)}`;
  return async (person, screen) => {
    await until("nothing moves", () => person.isStill());
    await person.page.screenshot({ path: join(folder, `${label}-${screen}.png`) });
  };
}

const world = new World();
try {
  const tour = await Tour.prepare(world);
  const people = [];
  for (const tourist of TOURISTS) {
    people.push({ person: await tour.walk(tourist, shootFor(tourist)), tourist });
  }
  for (const one of people) await tour.lose([one], shootFor(one.tourist));
  const [first] = people;
  if (first !== undefined) await tour.misconfigure(first.person, shootFor(first.tourist));
} finally {
  await world.end();
  await closeBrowser();
}

// No barrier that a machine can find, on any screen, in either theme and language, by the rules of
// WCAG 2.2 AA and axe's best practices.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import type { AxeResults } from "axe-core";
import { scenario } from "./support/scenario.js";
import { Tour, TOURISTS } from "./support/tour.js";
import type { Look } from "./support/tour.js";
import { until } from "./support/until.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds, one line each. */
const check: Look = async (person, screen) => {
  for (const colorScheme of ["light", "dark"] as const) {
    await person.page.emulateMedia({ colorScheme });
    await until("nothing moves", () => person.isStill());
    // The page's own policy keeps scripts out; the debugger's are no part of it.
    await person.page.evaluate(AXE);
    const found = await person.page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
      const { violations } = await axe.run();
      return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`),
      );
    });
    if (found.length > 0) {
      throw new Error(`${person.name}, ${screen}, ${colorScheme}:\n${found.join("\n")}`);
    }
  }
};

for (const tourist of TOURISTS) {
  const { locale, phone } = tourist;
  scenario(`no barrier on any screen: ${locale}, ${phone ? "phone" : "desktop"}`, async (world) => {
    const tour = await Tour.prepare(world);
    const person = await tour.walk(tourist, check);
    await tour.lose([{ person, tourist }], check);
    await tour.misconfigure(person, check);
  });
}

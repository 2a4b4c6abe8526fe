// A room that operators rename while people are in it, write in it, and are away.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { scenario } from "./support/scenario.js";
import { sees, until } from "./support/until.js";
import type { Person } from "./support/person.js";

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((tell, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") fail(new Error("no port"));
        else tell(address.port);
      });
    });
  });
}

/** As an operator does it. */
async function rename(port: number, from: string, to: string): Promise<void> {
  const query = new URLSearchParams({ room: from, to });
  const address = `http://127.0.0.1:${port}/admin/rooms/rename?${query.toString()}`;
  const answer = await fetch(address, { method: "POST", headers: { "Maru-Operator": "yes" } });
  assert.equal(answer.status, 200, await answer.text());
}

const operated = (port: number) => ({
  MARU_METRICS__ENABLED: "true",
  MARU_METRICS__HOST: "127.0.0.1",
  MARU_METRICS__PORT: String(port),
});

const hash = (person: Person) => person.page.evaluate(() => decodeURIComponent(location.hash));

scenario("who is in a renamed room stays in it, and goes on writing", async (world) => {
  const port = await freePort();
  await world.start(operated(port));
  const [ada, ben] = [await world.person("Ada"), await world.person("Ben")];
  await ada.comeInto("lobby");
  await ada.makeRoom("정원");
  await ben.comeInto("정원");
  await ben.say("strawberries");
  await ada.seesAll(["strawberries"]);
  await ada.say("yes");
  await ben.seesAll(["strawberries", "yes"]);
  // A sentence is begun.
  await ada.box.pressSequentially("half a sen");

  await rename(port, "정원", "공원");
  for (const person of [ada, ben]) {
    await person.isIn("공원");
    await sees(() => hash(person), "#/r/공원");
    await sees(() => person.bodies(), ["strawberries", "yes"]);
    await sees(() => person.people(), ["Ada", "Ben"]);
  }
  await until("she is told", async () =>
    ((await ada.by("toasts").textContent()) ?? "").includes("“정원” is called “공원” now"),
  );
  await sees(() => ada.by("room-item").locator(".room-name").allTextContents(), ["lobby", "공원"]);
  // The box is the one that it was: the keys go on where they were.
  assert.equal(await ada.box.inputValue(), "half a sen");
  await ada.page.keyboard.type("tence");
  await ada.page.keyboard.press("Enter");
  await ben.seesAll(["strawberries", "yes", "half a sentence"]);
  assert.equal((await world.server.history("공원")).length, 3);

  // After a reload it is there, by its new name alone; so is an address that somebody kept.
  await ada.page.reload();
  await ada.isIn("공원");
  await ben.visit("정원");
  await ben.isIn("공원");
  await sees(() => hash(ben), "#/r/공원");
  await sees(() => ben.by("room-item").locator(".room-name").allTextContents(), ["공원"]);
  // Nobody makes another one by the old name: it leads there.
  await ada.by("create-room").click();
  await ada.by("create-input").fill("정원");
  await ada.by("create-submit").click();
  await ada.isIn("공원");
  await until("the dialog is closed", async () => !(await ada.by("create-input").isVisible()));
});

scenario("what was written offline reaches the room by its new name, once", async (world) => {
  const port = await freePort();
  await world.start(operated(port));
  const [ada, ben] = [await world.person("Ada"), await world.person("Ben")];
  await ada.patientReconnects();
  await ada.comeInto("lobby");
  await ada.makeRoom("garden");
  await ben.comeInto("garden");
  await ada.say("before");
  await ben.seesAll(["before"]);
  const [first] = await world.server.history("garden");

  await world.server.kill();
  await ada.exhaustReconnects();
  await ada.say("one, offline");
  await ada.say("two, offline");
  await sees(() => ada.kept(), 2);
  await ada.goTo("lobby").catch(() => undefined);
  await world.server.restart();
  await rename(port, "garden", "park");
  await ben.isIn("park");
  await ben.say("meanwhile");

  // The page is loaded anew: what waits is on the disk, under the name that it had.
  await ada.page.reload();
  await sees(() => ada.kept(), 0);
  await ada.goTo("park");
  const all = ["before", "meanwhile", "one, offline", "two, offline"];
  for (const person of [ada, ben]) await person.seesAll(all);
  assert.equal((await world.server.history("park")).length, 4);
  // A link to a message of the old name leads to it, too.
  await ben.page.goto(`${world.server.frontend}/#/r/garden/m/${first?.id}`);
  await ben.page.reload();
  await ben.isIn("park");
  await ben.seesAll(all);
  world.forgiveNetworkErrors();
});

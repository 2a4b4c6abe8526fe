import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { sees, until } from "./support/until.js";
import type { Person } from "./support/person.js";

const directory = (person: Person) => person.by("directory-item").locator(".room-name");

scenario("a room is made, found by a part of its Korean name, and left for good", async (world) => {
  await world.start();
  const [ada, ben] = [await world.person("Ada"), await world.person("Ben")];
  await ada.comeInto("lobby");
  await ben.comeInto("lobby");
  await ada.makeRoom("디자인 회의");
  await ada.makeRoom("점심 뭐 먹지");
  await sees(
    async () => (await directory(ben).allTextContents()).sort(),
    ["디자인 회의", "점심 뭐 먹지"],
  );

  await ben.by("room-search").fill("회의");
  await sees(() => directory(ben).allTextContents(), ["디자인 회의"]);
  await sees(() => ben.by("create-offer").textContent(), "Make the room “회의”");
  await ben.by("room-search").press("Escape");
  await sees(() => directory(ben).count(), 2);
  await ben.by("room-search").fill("없는 방");
  await sees(
    () => ben.by("directory").textContent(),
    "Search resultsNo room has this name. You can make it.Make the room “없는 방”",
  );
  await ben.by("room-search").fill("디자인");
  await ben.by("directory-item").click();
  await ben.isIn("디자인 회의");

  // The name of a room that exists, in another case, leads into it.
  await ben.by("room-search").fill("");
  await ben.makeRoom("Design");
  await ada.by("create-room").click();
  await ada.by("create-input").fill("bad/name");
  await ada.by("create-submit").click();
  assert.equal(
    await ada.by("create-problem").textContent(),
    "Use letters, digits, spaces, - and _ only.",
  );
  await ada.by("create-input").fill("dEsIgN");
  await ada.by("create-submit").click();
  await ada.isIn("Design");

  await ada.by("leave").click();
  await until("the welcome shows", () => ada.by("welcome").isVisible());
  await sees(() => ben.people(), ["Ben"]);
  await ada.page.reload();
  await until("the welcome shows", () => ada.by("welcome").isVisible());
  await sees(
    () => ada.by("room-item").locator(".room-name").allTextContents(),
    ["lobby", "디자인 회의", "점심 뭐 먹지"],
  );
});

scenario("a link opens its room, or offers to make it", async (world) => {
  await world.start();
  const [ada, ben] = [await world.person("Ada"), await world.person("Ben")];
  await ada.visit("없는 방");
  await ada.nameThemselves();
  await sees(() => ada.by("refused").getAttribute("data-code"), "room_not_found");
  await sees(
    () => ada.by("refused").getByRole("heading").textContent(),
    "There is no room “없는 방”",
  );
  await ada.by("create-here").click();
  assert.equal(await ada.by("create-input").inputValue(), "없는 방");
  await ada.by("create-submit").click();
  await ada.isIn("없는 방");
  await ada.say("now there is");

  await ben.comeInto("없는 방");
  await ben.seesAll(["now there is"]);
  await sees(() => ada.people(), ["Ada", "Ben"]);
  // A room that isn't there leaves no trace in the list.
  await ben.visit("nowhere");
  await sees(() => ben.by("refused").getAttribute("data-code"), "room_not_found");
  await ben.button("Back to the rooms").click();
  await until("the welcome shows", () => ben.by("welcome").isVisible());
  await ben.page.reload();
  await sees(() => ben.by("room-item").locator(".room-name").allTextContents(), ["없는 방"]);
  await ben.page.goBack();
});

scenario("two tabs are one person, and neither sends for the other", async (world) => {
  await world.start();
  const ben = await world.person("Ben");
  const left = await world.person("Ada");
  await left.comeInto("lobby");
  await ben.comeInto("lobby");
  const right = await world.tab("Ada too", left.context);
  await right.patientReconnects();
  await right.visit("lobby");
  await right.isIn("lobby");
  await sees(() => right.by("my-name").textContent(), "Ada");
  await sees(() => ben.people(), ["Ada", "Ben"]);
  await sees(() => ben.by("room-here").textContent(), "2 here now");

  await left.say("from the left");
  await right.seesAll(["from the left"]);
  await right.say("from the right");
  const both = ["from the left", "from the right"];
  for (const person of [left, right, ben]) await person.seesAll(both);
  assert.deepEqual(
    await right
      .by("message")
      .evaluateAll((rows) => rows.map((row) => row.getAttribute("data-mine"))),
    ["true", "true"],
  );

  // Offline, each has its own outbox. A tab that closes leaves its to the other, also when that
  // one is connected already.
  await world.server.kill();
  await right.exhaustReconnects();
  await left.say("left, offline");
  await right.say("right, offline");
  await sees(() => left.kept(), 2);
  await world.server.restart();
  await left.seesAll([...both, "left, offline"]);
  assert.deepEqual(await right.states(), ["sent", "sent", "pending"]);
  await right.page.close();
  const all = [...both, "left, offline", "right, offline"];
  await left.seesAll(all);
  await sees(() => left.kept(), 0);
  await left.say("done");
  for (const person of [left, ben]) await person.seesAll([...all, "done"]);
  assert.equal((await world.server.history("lobby")).length, 5);
  world.forgiveNetworkErrors();
});

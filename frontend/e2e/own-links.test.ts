// Links to messages of this server: they say where they lead, and lead there in place.

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { sees, until } from "./support/until.js";

const FAST = { MARU_CONNECTION__RATE: "10000", MARU_CONNECTION__BURST: "100000" };

scenario("a link to a message says whose it is, and leads there in this tab", async (world) => {
  await world.start(FAST);
  const grace = await world.guest("Grace");
  await grace.enter("design");
  await grace.enter("lobby");
  await grace.say("design", ["the moth is **here**"]);
  await grace.say(
    "design",
    Array.from({ length: 150 }, (_, n) => `line ${n + 1}`),
  );
  const [id = ""] = await world.server.ids("design");
  const ada = await world.person("Ada");
  await ada.comeInto("design");
  const home = `${world.server.frontend}/#/r`;
  await grace.say("lobby", [
    `look: ${home}/design/m/${id}`,
    `${home}/lobby`,
    "https://example.org/#/r/lobby",
  ]);
  await ada.visit("lobby");
  await ada.isIn("lobby");
  const links = ada.by("own-link");
  await sees(() => links.allTextContents(), ["design · Grace · the moth is here", "lobby"]);
  await links.first().click();
  await ada.isIn("design");
  await until("the message has the keyboard", () =>
    ada.page.evaluate(() => document.activeElement?.textContent.includes("the moth is") === true),
  );
  assert.equal(ada.context.pages().length, 1);
  await ada.page.goBack();
  await ada.isIn("lobby");
});

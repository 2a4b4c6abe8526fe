// What is being written: it is there again with all that belongs to it, and the newest of it counts.

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { sees, until } from "./support/until.js";

scenario("a draft is there after a reload, and what it answers with it", async (world) => {
  await world.start();
  const grace = await world.guest("Grace");
  await grace.enter("lobby");
  await grace.say("lobby", ["a question"]);
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await until("it is asked", async () => (await ada.bodies()).length === 1);
  await ada.by("message").first().hover();
  await ada.by("message").first().locator('[data-deed="reply"]').click();
  await ada.write("half an answer");
  await ada.page.reload();
  await ada.isIn("lobby");
  assert.equal(await ada.box.inputValue(), "half an answer");
  await sees(() => ada.by("compose-bar").getAttribute("data-target"), "1");
  await ada.box.press("Enter");
  await sees(() => ada.by("quote").textContent(), "Gracea question");
  // What was sent, or given up, answers nothing any more.
  await ada.page.reload();
  await ada.isIn("lobby");
  assert.equal(await ada.by("compose-bar").count(), 0);
  await ada.by("message").first().hover();
  await ada.by("message").first().locator('[data-deed="reply"]').click();
  await ada.by("compose-cancel").click();
  await ada.page.reload();
  await ada.isIn("lobby");
  assert.equal(await ada.by("compose-bar").count(), 0);
});

scenario("an older tab never overwrites a newer draft", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await ada.write("the first words");
  const kept = () => ada.page.evaluate(() => localStorage.getItem("maru:draft:lobby"));
  await sees(kept, "the first words");
  const other = await world.tab("Ada's other tab", ada.context);
  await other.visit("lobby");
  await other.isIn("lobby");
  assert.equal(await other.box.inputValue(), "the first words");
  await other.write("the first words, and many more");
  await sees(kept, "the first words, and many more");
  // The older tab follows, and keeps nothing when it goes.
  await sees(() => ada.box.inputValue(), "the first words, and many more");
  await other.write("something else");
  await sees(kept, "something else");
  await ada.page.reload();
  await ada.isIn("lobby");
  assert.equal(await kept(), "something else");
  assert.equal(await ada.box.inputValue(), "something else");
});

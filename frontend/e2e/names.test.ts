import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { sees, until } from "./support/until.js";

scenario("a name that nobody could see is refused with a sentence", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  await ada.visit("lobby");
  for (const [name, sentence] of [
    ["\u200b\u200b\u2060", "Please enter a name with at least one visible character."],
    ["   ", "Please enter a name with at least one visible character."],
    ["Ada\u202emoc", "This name contains characters that can't be shown. Please remove them."],
    ["a".repeat(41), "Please use at most 40 characters."],
  ] as const) {
    await ada.nameThemselves(name);
    await sees(() => ada.by("name-problem").textContent(), sentence);
    assert.equal(await ada.by("name-input").getAttribute("aria-invalid"), "true");
  }
  await ada.nameThemselves("  Ada   Lovelace ");
  await ada.isIn("lobby");
  await sees(() => ada.people(), ["Ada Lovelace"]);
});

scenario(
  "a name that looks like a present person's is refused, and can be changed",
  async (world) => {
    await world.start();
    const [ada, eve] = [await world.person("Ada"), await world.person("Аdа", { locale: "ko-KR" })];
    await ada.comeInto("lobby");
    await eve.visit("lobby");
    await eve.nameThemselves();
    await sees(() => eve.by("refused").getAttribute("data-code"), "name_taken");
    const refused = eve.by("refused");
    await sees(
      () => refused.getByRole("heading").textContent(),
      "비슷한 이름을 쓰는 사람이 있어요",
    );
    assert.deepEqual(await ada.people(), ["Ada"]);

    await refused.getByRole("button", { name: "이름 바꾸기" }).click();
    await eve.nameThemselves("이브");
    await eve.isIn("lobby");
    await until("the dialog closes", () => eve.by("name-dialog").isHidden());
    await sees(() => ada.people(), ["Ada", "이브"]);
  },
);

scenario("who changes their name is called by it everywhere", async (world) => {
  await world.start();
  const [ada, ben] = [await world.person("Ada"), await world.person("Ben")];
  await ada.comeInto("lobby");
  await ben.comeInto("lobby");
  await ben.say("hello");
  const who = () => ada.page.locator('.person:has-text("Be")').getAttribute("data-user");
  const id = await who();

  await ben.by("settings").click();
  await ben.by("rename").click();
  assert.equal(await ben.by("name-input").inputValue(), "Ben");
  await ben.nameThemselves("Benjamin");
  await until("the dialog closes", () => ben.by("name-dialog").isHidden());
  await sees(() => ada.people(), ["Ada", "Benjamin"]);
  assert.equal(await who(), id);
  await ben.say("it's me");
  await sees(
    () => ada.said(),
    [
      { author: "Ben", body: "hello" },
      { author: "Benjamin", body: "it's me" },
    ],
  );
  await ben.page.reload();
  await sees(() => ben.by("my-name").textContent(), "Benjamin");

  // A name that is taken in the room: the room says so, and the old one still works.
  await ben.by("settings").click();
  await ben.by("rename").click();
  await ben.nameThemselves("ADA");
  await sees(() => ben.by("refused").getAttribute("data-code"), "name_taken");
  await ben.by("refused").getByRole("button", { name: "Change name" }).click();
  await ben.nameThemselves("Ben");
  await ben.isIn("lobby");
  await sees(() => ada.people(), ["Ada", "Ben"]);
});

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import type { Person } from "./support/person.js";
import { sees, until } from "./support/until.js";

const choose = (person: Person, what: "language" | "theme" | "density", value: string) =>
  person.by(what).locator(`label:has(input[value="${value}"])`).click();

const background = (person: Person) =>
  person.page.evaluate(() => getComputedStyle(document.body).backgroundColor);

scenario("language and appearance are chosen at once and for good", async (world) => {
  await world.start();
  const ada = await world.person("Ada", { colorScheme: "light" });
  await ada.comeInto("lobby");
  const lang = () => ada.page.evaluate(() => document.documentElement.lang);
  assert.equal(await lang(), "en");
  const light = await background(ada);

  await ada.by("settings").click();
  await choose(ada, "language", "ko");
  await sees(lang, "ko");
  await sees(() => ada.by("settings-dialog").getByRole("heading").textContent(), "설정");
  await choose(ada, "theme", "dark");
  await until("it is dark", async () => (await background(ada)) !== light);
  const dark = await background(ada);
  await ada.page.keyboard.press("Escape");
  await sees(() => ada.box.getAttribute("placeholder"), "lobby 방에 메시지 보내기");
  await ada.say("안녕");
  await sees(() => ada.by("day").textContent(), "오늘");

  await ada.page.reload();
  await ada.isIn("lobby");
  assert.equal(await lang(), "ko");
  assert.equal(await background(ada), dark);
  await sees(() => ada.by("room-here").textContent(), "지금 1명");

  await ada.by("settings").click();
  await choose(ada, "theme", "system");
  await sees(() => background(ada), light);
  await ada.page.emulateMedia({ colorScheme: "dark" });
  await sees(() => background(ada), dark);
  await choose(ada, "theme", "light");
  await sees(() => background(ada), light);
  await choose(ada, "language", "en");
  await sees(lang, "en");
});

scenario("density is chosen at once, for every tab and for good", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await ada.say("one");
  await ada.say("two");
  await ada.seesAll(["one", "two"]);
  const other = await world.tab("Ada", ada.context);
  await other.visit("lobby");
  await other.isIn("lobby");
  const height = async (person: Person) =>
    (await person.by("message").first().boundingBox())?.height ?? 0;
  const before = await height(ada);
  await ada.by("settings").click();
  await choose(ada, "density", "compact");
  await until("messages are closer", async () => (await height(ada)) < before);
  await sees(() => height(other), await height(ada));
  await choose(ada, "theme", "dark");
  const dark = await background(ada);
  await sees(() => background(other), dark);
  await choose(ada, "language", "ko");
  await sees(() => other.box.getAttribute("placeholder"), "lobby 방에 메시지 보내기");

  // What there is to press is found from here.
  await ada.by("open-shortcuts").click();
  await until("it opens", () => ada.by("shortcuts-dialog").isVisible());
  await sees(
    () => ada.by("shortcuts-dialog").getByRole("heading", { level: 1 }).textContent(),
    "키보드 단축키",
  );
  const compact = await height(other);
  await ada.page.reload();
  await ada.isIn("lobby");
  assert.equal(await height(ada), compact);
});

scenario(
  "the page speaks the browser's language and refuses markup from scripts",
  async (world) => {
    await world.start();
    const minji = await world.person("민지", { locale: "ko-KR" });
    await minji.visit("lobby");
    await sees(
      () => minji.by("name-dialog").getByRole("heading").textContent(),
      "어떻게 불러 드릴까요?",
    );
    const jean = await world.person("Jean", { locale: "fr-FR" });
    await jean.visit("lobby");
    await sees(
      () => jean.by("name-dialog").getByRole("heading").textContent(),
      "What should people call you?",
    );

    // Trusted Types and the policy hold: this is what every other test's silence rests on.
    const refused = await jean.page.evaluate(() => {
      try {
        document.createElement("div").setHTMLUnsafe("<b>x</b>");
        return "nothing";
      } catch (error) {
        return (error as Error).name;
      }
    });
    assert.equal(refused, "TypeError");
    await until("it is told", () => jean.errors.some((error) => error.includes("CSP: ")));
    jean.errors.length = 0;
  },
);

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { sees, until } from "./support/until.js";

scenario("two pages meet in a room while a third talks in another", async (world) => {
  await world.start();
  const [ada, ben, cho] = [
    await world.person("Ada"),
    await world.person("Ben"),
    await world.person("조은"),
  ];
  await ada.comeInto("lobby");
  await ada.makeRoom("design");
  await Promise.all([ben.comeInto("design"), cho.comeInto("lobby")]);
  await cho.makeRoom("잡담");

  const numbers = [1, 2, 3, 4, 5, 6];
  const talk = async (person: typeof ada) => {
    for (const n of numbers) await person.say(`${person.name} ${n}`);
  };
  await Promise.all([talk(ada), talk(ben), talk(cho)]);
  const logged = (count: number) =>
    until("all is in the log", async () => (await world.server.history("design")).length === count);
  await logged(12);
  // Whatever was twice, or in the wrong room, would be there before this.
  await ada.say("done");
  await logged(13);

  const design = (await world.server.history("design")).map(({ sender, body }) => ({
    author: sender.name,
    body,
  }));
  for (const person of [ada, ben]) {
    await sees(() => person.said(), design);
    const own = design.filter(({ author }) => author === person.name).map(({ body }) => body);
    assert.deepEqual(
      own.slice(0, 6),
      numbers.map((n) => `${person.name} ${n}`),
    );
  }
  await sees(
    () => cho.said(),
    numbers.map((n) => ({ author: "조은", body: `조은 ${n}` })),
  );
});

scenario("the page tells who is here, who types, and how many are elsewhere", async (world) => {
  await world.start();
  const [ada, ben, cho] = [
    await world.person("Ada"),
    await world.person("Ben"),
    await world.person("조은", { locale: "ko-KR" }),
  ];
  await Promise.all([ada.comeInto("lobby"), ben.comeInto("lobby"), cho.comeInto("lobby")]);
  await cho.makeRoom("잡담");
  for (const person of [ada, ben, cho]) await person.goTo("lobby");

  await sees(() => ada.people(), ["Ada", "Ben", "조은"]);
  await sees(() => ada.by("room-here").textContent(), "3 here now");
  await sees(() => cho.by("room-here").textContent(), "지금 3명");
  const elsewhere = ada.page.locator('[data-testid="directory-item"][data-room="잡담"]');
  await sees(() => elsewhere.getByTestId("directory-members").textContent(), "1 person");

  await ben.box.pressSequentially("well");
  await sees(() => ada.by("typing").textContent(), "Ben is typing…");
  await sees(() => cho.by("typing").textContent(), "Ben 님이 입력하고 있어요…");
  assert.equal(await ben.by("typing").textContent(), "");
  await ada.box.pressSequentially("hm");
  await sees(() => cho.by("typing").getAttribute("data-on"), "true");
  await ben.write("");
  await sees(() => cho.by("typing").textContent(), "Ada 님이 입력하고 있어요…");
  await ada.say("hm.");
  await sees(() => cho.by("typing").textContent(), "");

  await cho.page.close();
  await sees(() => ada.people(), ["Ada", "Ben"]);
  await sees(() => ben.by("room-here").textContent(), "2 here now");
});

scenario("what is said in a room that isn't open is counted there", async (world) => {
  await world.start();
  const [ada, ben] = [await world.person("Ada"), await world.person("Ben")];
  await ada.comeInto("lobby");
  await ada.makeRoom("design");
  await ben.comeInto("lobby");
  await ben.goTo("design");
  await ben.say("one");
  await ada.seesAll(["one"]);
  await ada.goTo("lobby");

  await ben.say("two");
  await ben.say("three");
  await sees(() => ada.unread("design"), "2");
  await sees(() => ada.page.title(), "(2) lobby · Maru");
  await ada.page.reload();
  await sees(() => ada.unread("design"), "2");

  await ada.goTo("design");
  await ada.seesAll(["one", "two", "three"]);
  await sees(() => ada.unread("design"), null);
  await sees(() => ada.page.title(), "design · Maru");
  assert.equal(await ada.by("divider").textContent(), "New messages");
  await ben.say("four");
  await ada.seesAll(["one", "two", "three", "four"]);
  assert.equal(await ada.unread("design"), null);
});

scenario("a page that reloads finds its identity, rooms, drafts and history", async (world) => {
  await world.start();
  const [ada, ben] = [await world.person("Ada"), await world.person("Ben")];
  await ada.comeInto("lobby");
  await ada.makeRoom("design");
  await ben.comeInto("design");
  await ada.say("안녕하세요");
  await ben.say("hello");
  await ada.seesAll(["안녕하세요", "hello"]);
  const who = () => ada.page.locator(".person", { hasText: "Ada" }).getAttribute("data-user");
  const before = await who();
  await ada.write("not yet\nsaid");

  await ada.page.reload();
  await ada.isIn("design");
  await ada.seesAll(["안녕하세요", "hello"]);
  await sees(() => ada.by("my-name").textContent(), "Ada");
  await sees(who, before);
  await sees(() => ada.box.inputValue(), "not yet\nsaid");
  await sees(
    () => ada.by("room-item").locator(".room-name").allTextContents(),
    ["lobby", "design"],
  );

  // Each room has a draft of its own, also before the typing paused.
  await ada.write("quick");
  await ada.goTo("lobby");
  await sees(() => ada.box.inputValue(), "");
  await ada.goTo("design");
  await sees(() => ada.box.inputValue(), "quick");
  await ada.box.press("Enter");
  await sees(() => ben.bodies(), ["안녕하세요", "hello", "quick"]);
  await ada.page.reload();
  await ada.seesAll(["안녕하세요", "hello", "quick"]);
  assert.equal(await ada.box.inputValue(), "");
});

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import type { World } from "./support/world.js";
import type { Person } from "./support/person.js";
import { sees, until } from "./support/until.js";

/** What the server's log holds is what everybody sees: once, in order, without a hole. */
async function allAgree(world: World, room: string, people: Person[], expected: Set<string>) {
  await until("everything is in the log", async () => {
    const bodies = new Set((await world.server.history(room)).map(({ body }) => body));
    return [...expected].every((body) => bodies.has(body));
  });
  const log = await world.server.history(room);
  assert.deepEqual(
    log.map(({ seq }) => seq),
    log.map((_, index) => index + 1),
  );
  const bodies = log.map(({ body }) => body);
  assert.equal(new Set(bodies).size, bodies.length, `something is there twice: ${bodies.join()}`);
  for (const person of people) await person.seesAll(bodies);
  return bodies;
}

scenario(
  "kill -9 in the middle of a conversation loses, doubles and swaps nothing",
  async (world) => {
    await world.start();
    const [ada, ben] = [await world.person("Ada"), await world.person("Ben")];
    await Promise.all([ada.comeInto("lobby"), ben.comeInto("lobby")]);

    const talk = async (person: Person, from: number, to: number) => {
      for (let n = from; n < to; n++) await person.say(`${person.name} ${n}`);
    };
    // Some are on their way, and some acknowledged, when the server dies.
    const talking = [talk(ada, 0, 9), talk(ben, 0, 9)];
    await until(
      "some are in the log",
      async () => (await world.server.history("lobby")).length > 4,
    );
    await world.server.kill();
    await Promise.all(talking);
    await Promise.all([talk(ada, 9, 12), talk(ben, 9, 12)]);
    for (const person of [ada, ben]) {
      await until("the banner shows", () => person.banner.isVisible());
      const last = person.by("message").last();
      assert.equal(await last.getAttribute("data-state"), "pending");
      await sees(
        () => last.getByRole("img").getAttribute("aria-label"),
        "Will be sent when the connection is back",
      );
    }

    await world.server.restart();
    const expected = [ada, ben].flatMap(({ name }) =>
      [...Array(12).keys()].map((n) => `${name} ${n}`),
    );
    const bodies = await allAgree(world, "lobby", [ada, ben], new Set(expected));
    assert.equal(bodies.length, 24);
    for (const { name } of [ada, ben]) {
      const own = bodies.filter((body) => body.startsWith(name));
      assert.deepEqual(
        own,
        expected.filter((body) => body.startsWith(name)),
      );
    }
    for (const person of [ada, ben]) await until("it's gone", () => person.banner.isHidden());
    world.forgiveNetworkErrors();
  },
);

scenario("the banner counts down, and “Reconnect now” doesn't wait", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  await ada.patientReconnects();
  await ada.comeInto("lobby");
  await ada.isInstalled();
  await world.server.kill();

  await ada.exhaustReconnects();
  const first = await ada.secondsToWait();
  await until("it counts down", async () => (await ada.secondsToWait()) < first);
  await ada.say("still there?");
  await sees(() => ada.states(), ["pending"]);

  await world.server.restart();
  await ada.button("Reconnect now").click();
  await until("the banner goes", () => ada.banner.isHidden(), 15_000);
  await ada.seesAll(["still there?"]);
  world.forgiveNetworkErrors();
});

scenario("what was written offline survives a reload and is sent once", async (world) => {
  const site = await world.startApart();
  const [ada, ben] = [
    await world.person("Ada", { at: site.address }),
    await world.person("Ben", { at: site.address }),
  ];
  await ada.comeInto("lobby");
  await ada.makeRoom("design");
  await ben.comeInto("design");
  await ada.say("before");
  await ben.seesAll(["before"]);
  await world.server.kill();

  for (const text of ["one", "two", "three"]) await ada.say(text);
  await sees(() => ada.states(), ["sent", "pending", "pending", "pending"]);
  // A page that goes within milliseconds takes along what its disk didn't get yet.
  await sees(() => ada.kept(), 3);
  await sees(() => ada.remembers("design"), ["before"]);
  for (const again of ["once", "twice"]) {
    await ada.page.reload();
    // What the room last said is there without a server.
    await sees(() => ada.bodies(), ["before", "one", "two", "three"]);
    const states = ["sent", "pending", "pending", "pending"];
    assert.deepEqual(await ada.states(), states, `reloaded ${again}`);
  }
  assert.equal(await ada.by("my-name").textContent(), "Ada");
  await until("the banner shows", () => ada.banner.isVisible());
  await ada.say("four");
  await sees(() => ada.bodies(), ["before", "one", "two", "three", "four"]);
  await sees(() => ada.kept(), 4);

  await world.server.restart();
  const all = ["before", "one", "two", "three", "four"];
  assert.deepEqual(await allAgree(world, "design", [ada, ben], new Set(all)), all);
  await sees(() => ada.kept(), 0);
  // Nothing is left that a later visit would send again.
  await ada.page.reload();
  await ada.seesAll(all);
  await ada.say("after");
  await ben.seesAll([...all, "after"]);
  world.forgiveNetworkErrors();
});

// The clients that people have, on a server that is killed while they talk.

import assert from "node:assert/strict";
import { GATEWAYS } from "./support/gateway.js";
import { bodies, everyClient, inOrder, ownServer, room, send } from "./support/scenes.js";
import { until } from "./support/until.js";

/** Kills the server in the middle of a conversation: the client is back by itself, and has all that was said. */
async function recovers(cast, client, own, door) {
  let { here, other, driver } = await cast.meet({ on: own, door, recover: true });
  await other.say(here, bodies("Nora", 30));
  await driver.hears("entry", 10);
  await own.kill();
  await own.restart();
  other = await cast.native("Nora", here, own, other.token);
  // Somebody talks on and on while the client comes back: no moment of it is without a message.
  let said = 30;
  const talk = async (count) => {
    const from = said;
    said += count;
    await other.say(here, bodies("Nora", said).slice(from));
  };
  await talk(20);
  await until("the client is back", async () => {
    await talk(5);
    return driver.told("connected");
  });
  await talk(100);
  const back = await driver.next("connected");
  if (client.recovers) assert.equal(back.recovered, true);
  await driver.hears("entry", said);
  assert.deepEqual(inOrder(client, driver.entries), bodies("Nora", said));
  await driver.hears("joined", 1);
  assert.equal(driver.got("joined")[0][0].reset, false);
  // It is in the room again, as the same person.
  assert.equal((await driver.ask(...send(here, "back"))).type, "sent");
  await driver.hears("entry", said + 1);
  const mine = driver.entries.find(({ body }) => body === "back");
  assert.equal(mine.sender.id, driver.got("welcome")[0][0].user.id);
}

everyClient((scene, { client, transport }) => {
  scene("kill -9 in the middle: recovery", (cast) =>
    ownServer(client, (own) => recovers(cast, client, own, own)),
  );

  for (const gateway of GATEWAYS) {
    scene(`kill -9 in the middle, behind ${gateway.name}: recovery`, (cast) =>
      ownServer(client, async (own) => {
        const door = await gateway.start([own]);
        try {
          await recovers(cast, client, own, door);
        } finally {
          await door.end();
        }
      }),
    );
  }

  scene(
    "kill -9 while it sends: what had no ack is sent again, and said once",
    (cast) =>
      ownServer(client, async (own) => {
        const here = room();
        const driver = cast.drive();
        await driver.connect(own, transport, { version: 1, name: "Cleo", recover: true });
        await driver.ask("create", here);
        await driver.ask("join", here);
        const sends = bodies("Cleo", 200).map((body) => send(here, body));
        const numbers = driver.begin(sends);
        await until("some are acknowledged", () => numbers.some((ack) => driver.acks.has(ack)));
        await own.kill();
        await own.restart();
        await driver.next("connected");
        const again = sends.filter((_, at) => !driver.acks.has(numbers[at]));
        const types = (await driver.askAll(again)).map(({ type }) => type);
        assert.deepEqual(
          types,
          again.map(() => "sent"),
        );
        const said = (await own.said(here)).map(({ body }) => body);
        assert.deepEqual(said.toSorted(), bodies("Cleo", 200).toSorted());
        await driver.hears("entry", 200);
        assert.deepEqual(inOrder(client, driver.entries), said);
      }),
    { skip: client.randomAcks },
  );

  scene("kill -9 in the middle: without recovery", (cast) =>
    ownServer(client, async (own) => {
      let { here, other, driver } = await cast.meet({ on: own });
      await other.say(here, bodies("Nora", 10));
      await driver.hears("entry", 10);
      await own.kill();
      await own.restart();
      other = await cast.native("Nora", here, own, other.token);
      await other.say(here, bodies("Nora", 20).slice(10));
      await driver.next("connected");
      // It is somebody new, in no room, and misses what was said until it joins...
      assert.equal((await driver.ask(...send(here, "lost?"))).code, "not_joined");
      const { entries, head, epoch } = await driver.ask("join", here);
      assert.equal(driver.entries.length, 10);
      // ...which it finds in the answer.
      assert.deepEqual(
        entries.map(({ body }) => body),
        bodies("Nora", 20),
      );
      assert.equal(head, 20);
      await driver.ask("leave", here);
      const missed = await driver.ask("join", { room: here, after: { epoch, seq: 10 } });
      assert.deepEqual(
        missed.entries.map(({ body }) => body),
        bodies("Nora", 20).slice(10),
      );
    }),
  );
});

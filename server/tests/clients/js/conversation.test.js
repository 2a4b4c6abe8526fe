// The clients that people have, on a real server, in a conversation. The other end of it speaks maru.v1.
// `scripts/test-clients` installs what they need.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { bodies, by, everyClient, inOrder, room, send, server } from "./support/scenes.js";
import { until } from "./support/until.js";

const EVENTS = 500;

everyClient((scene, { client, transport }) => {
  scene(`${EVENTS} events each way`, async (cast) => {
    const { here, other, driver } = await cast.meet();
    const [answers] = await Promise.all([
      driver.askAll(bodies("Cleo", EVENTS).map((body) => send(here, body))),
      other.say(here, bodies("Nora", EVENTS)),
    ]);
    await other.hears(2 * EVENTS);
    await driver.hears("entry", 2 * EVENTS);
    const all = inOrder(client, driver.entries);
    assert.deepEqual(all, inOrder({}, other.entries), "both see the same room");
    for (const who of ["Cleo", "Nora"]) assert.deepEqual(by(who, all), bodies(who, EVENTS));
    assert.deepEqual(new Set(answers.map(({ type }) => type)), new Set(["sent"]));
    assert.deepEqual(
      answers.map(({ seq }) => all[seq - 1]),
      bodies("Cleo", EVENTS),
      "each ack is that of its message",
    );
    for (const [, all] of driver.acks) assert.equal(all.length, 1, "each ack came once");
  });

  scene(
    "what is emitted right before `disconnect` is said",
    async (cast) => {
      const { here, other, driver } = await cast.meet();
      driver.emit(
        bodies("Cleo", 20).map((body) => send(here, body)),
        true,
      );
      await other.hears(20);
      assert.deepEqual(inOrder({}, other.entries), bodies("Cleo", 20));
    },
    { skip: client.cutsOff?.[transport] },
  );

  scene("a burst arrives whole", async (cast) => {
    const { here, other, driver } = await cast.meet();
    // More than an answer to a poll has: python-engineio refuses answers of more than 16 packets.
    await other.say(here, bodies("Nora", 200));
    await driver.hears("entry", 200);
    assert.deepEqual(inOrder(client, driver.entries), bodies("Nora", 200));
    assert.ok(!driver.told("disconnected"));
  });

  if (transport === "upgrade") {
    scene("nothing is lost around the upgrade", async (cast) => {
      const { here, other, driver } = await cast.meet();
      let waves = 0;
      const wave = async () => {
        driver.emit([send(here, `Cleo ${waves}`)]);
        await other.say(here, [`Nora ${waves}`]);
        waves++;
      };
      await until("it is upgraded", async () => {
        await wave();
        return driver.told("upgraded");
      });
      await wave();
      await driver.hears("entry", 2 * waves);
      const all = inOrder(client, driver.entries);
      for (const who of ["Cleo", "Nora"]) assert.deepEqual(by(who, all), bodies(who, waves));
    });
  }

  scene(
    "a binary value is a file of the message",
    async (cast) => {
      const { here, other, driver } = await cast.meet();
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7) % 256));
      const data = { $bytes: bytes.toString("base64") };
      const files = [data, { name: "table.bin", data }];
      const answer = await driver.ask("send", { room: here, body: "two files", files });
      assert.equal(answer.type, "sent", JSON.stringify(answer));
      await other.hears(1);
      const sent = other.entries[0].files;
      assert.deepEqual(
        sent.map(({ name }) => name),
        ["file", "table.bin"],
      );
      await driver.hears("welcome", 1);
      const { ticket } = driver.got("welcome")[0][0];
      for (const { id } of sent) {
        const got = await fetch(`${server.http}/api/v1/files/${id}?ticket=${ticket}`);
        assert.equal(got.status, 200);
        assert.ok(bytes.equals(Buffer.from(await got.arrayBuffer())));
      }
    },
    { skip: client.noNestedBinary },
  );

  scene("a refusal is the answer, and the link lives", async (cast) => {
    const here = room();
    const other = await cast.native("Nora", here);
    const driver = cast.drive();
    await driver.connect(server, transport, { version: 1, name: "Nora" });
    const refused = await driver.ask("join", { room: here });
    assert.equal(refused.type, "error");
    assert.equal(refused.code, "name_taken");
    assert.equal((await driver.ask("join", "no such room")).code, "room_not_found");
    // Without an ack it is an event.
    driver.emit([["send", { room: here, body: "I am not in" }]]);
    await driver.hears("error", 1);
    const [{ code }] = driver.got("error")[0];
    assert.equal(code, "not_joined");
    other.close();
    await until("the name is free", async () => {
      return (await driver.ask("join", here)).type === "joined";
    });
    assert.equal((await driver.ask(...send(here, "now I am"))).type, "sent");
  });

  scene("a connection that is refused says why", async (cast) => {
    const refused = await cast.drive().refused(server, transport, { version: 1, name: "\u200b" });
    assert.match(JSON.stringify(refused), /invalid_name|your name/);
  });

  scene("the article's client: `chat message` both ways", async (cast) => {
    const both = [cast.drive(), cast.drive()];
    for (const driver of both) await driver.connect(server, transport, {});
    const text = `hello from ${randomUUID()}`;
    for (const driver of both) await driver.hears("joined", 1);
    both[0].emit([["chat message", text]]);
    for (const driver of both) {
      const said = () => driver.got("chat message").filter(([said]) => said === text);
      await until("the text is there", () => said().length > 0);
      assert.deepEqual(said(), [[text]]);
    }
    const { room: lobby, members } = both[0].got("joined")[0][0];
    assert.equal(lobby, "lobby");
    assert.match(JSON.stringify(members), /guest-/);
  });
});

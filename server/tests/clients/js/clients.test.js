// The clients that people have, on a real server: each scenario stands here once and runs for every client over
// every transport. The other end of a conversation speaks maru.v1. `scripts/test-clients` installs what they need.
//
// What a client can't do is a test that is skipped, with the reason in its name.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { CLIENTS, Driver } from "./support/driver.js";
import { Native } from "./support/native.js";
import { Server } from "./support/server.js";
import { until } from "./support/until.js";

const EVENTS = 500;

let server;
before(async () => (server = await Server.start()));
after(() => server.stop());

let rooms = 0;
const room = () => `room ${++rooms}`;
const bodies = (who, count) => Array.from({ length: count }, (_, at) => `${who} ${at}`);
const send = (to, body) => ["send", { room: to, id: randomUUID(), body }];

/** The bodies in the order of the room; that they came in it, too, where the client calls handlers in order. */
function inOrder(client, entries) {
  const sorted = entries.toSorted((one, other) => one.seq - other.seq);
  if (client.unordered === undefined) assert.deepEqual(entries, sorted, "they came in order");
  sorted.forEach(({ seq }, at) => assert.equal(seq, sorted[0].seq + at, "no hole, nothing twice"));
  return sorted.map(({ body }) => body);
}

const by = (who, all) => all.filter((body) => body.startsWith(`${who} `));

const chosen = new RegExp(process.env.CLIENTS ?? "");
for (const client of CLIENTS) {
  for (const transport of client.transports) {
    const pair = `${client.name} over ${transport}`;
    if (!chosen.test(pair)) continue;
    describe(pair, () => {
      const scenario = (name, run, { skip } = {}) =>
        test(name, { skip: skip ?? false }, async () => {
          const ends = [];
          try {
            await run({
              drive: () => ends[ends.push(Driver.start(client)) - 1],
              native: async (name, to, on = server) => {
                const native = await Native.connect(on, name);
                await native.enter(to);
                ends.push({ end: () => native.close() });
                return native;
              },
            });
          } finally {
            ends.forEach((one) => one.end());
          }
        });

      scenario(`${EVENTS} events each way`, async ({ drive, native }) => {
        const here = room();
        const other = await native("Nora", here);
        const driver = drive();
        await driver.connect(server, transport, { version: 1, name: "Cleo" });
        assert.equal((await driver.ask("join", here)).type, "joined");
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

      scenario(
        "what is emitted right before `disconnect` is said",
        async ({ drive, native }) => {
          const here = room();
          const other = await native("Nora", here);
          const driver = drive();
          await driver.connect(server, transport, { version: 1, name: "Cleo" });
          await driver.ask("join", here);
          driver.emit(
            bodies("Cleo", 20).map((body) => send(here, body)),
            true,
          );
          await other.hears(20);
          assert.deepEqual(inOrder({}, other.entries), bodies("Cleo", 20));
        },
        { skip: client.cutsOff?.[transport] },
      );

      scenario("a burst arrives whole", async ({ drive, native }) => {
        const here = room();
        const other = await native("Nora", here);
        const driver = drive();
        await driver.connect(server, transport, { version: 1, name: "Cleo" });
        await driver.ask("join", here);
        // More than an answer to a poll has: python-engineio refuses answers of more than 16 packets.
        await other.say(here, bodies("Nora", 200));
        await driver.hears("entry", 200);
        assert.deepEqual(inOrder(client, driver.entries), bodies("Nora", 200));
        assert.ok(!driver.told("disconnected"));
      });

      if (transport === "upgrade") {
        scenario("nothing is lost around the upgrade", async ({ drive, native }) => {
          const here = room();
          const other = await native("Nora", here);
          const driver = drive();
          await driver.connect(server, transport, { version: 1, name: "Cleo" });
          await driver.ask("join", here);
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

      scenario(
        "a binary value is a file of the message",
        async ({ drive, native }) => {
          const here = room();
          const other = await native("Nora", here);
          const driver = drive();
          await driver.connect(server, transport, { version: 1, name: "Cleo" });
          await driver.ask("join", here);
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

      scenario("a refusal is the answer, and the link lives", async ({ drive, native }) => {
        const here = room();
        const other = await native("Nora", here);
        const driver = drive();
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

      scenario("a connection that is refused says why", async ({ drive }) => {
        const refused = await drive().refused(server, transport, { version: 1, name: "\u200b" });
        assert.match(JSON.stringify(refused), /invalid_name|your name/);
      });

      scenario("the article's client: `chat message` both ways", async ({ drive }) => {
        const [one, two] = [drive(), drive()];
        await one.connect(server, transport, {});
        await two.connect(server, transport, {});
        const text = `hello from ${randomUUID()}`;
        for (const driver of [one, two]) await driver.hears("joined", 1);
        one.emit([["chat message", text]]);
        for (const driver of [one, two]) {
          await until("the text is there", () =>
            driver.got("chat message").some(([said]) => said === text),
          );
          assert.deepEqual(
            driver.got("chat message").filter(([said]) => said === text),
            [[text]],
          );
        }
        const { room: lobby, members } = one.got("joined")[0][0];
        assert.equal(lobby, "lobby");
        assert.match(JSON.stringify(members), /guest-/);
      });

      scenario("kill -9 in the middle: recovery", async ({ drive, native }) => {
        const own = await Server.start();
        try {
          const here = room();
          let other = await native("Nora", here, own);
          const driver = drive();
          await driver.connect(own, transport, { version: 1, name: "Cleo", recover: true });
          await driver.ask("join", here);
          await other.say(here, bodies("Nora", 30));
          await driver.hears("entry", 10);
          await own.kill();
          await own.restart();
          other = await native("Nora", here, own);
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
          if (client.name === "socket.io-client") assert.equal(back.recovered, true);
          await driver.hears("entry", said);
          assert.deepEqual(inOrder(client, driver.entries), bodies("Nora", said));
          await driver.hears("joined", 1);
          assert.equal(driver.got("joined")[0][0].reset, false);
          // It is in the room again, as the same person.
          assert.equal((await driver.ask(...send(here, "back"))).type, "sent");
          await driver.hears("entry", said + 1);
          const mine = driver.entries.find(({ body }) => body === "back");
          assert.equal(mine.sender.id, driver.got("welcome")[0][0].user.id);
        } finally {
          await own.stop();
        }
      });

      scenario(
        "kill -9 while it sends: what had no ack is sent again, and said once",
        async ({ drive }) => {
          const own = await Server.start();
          try {
            const here = room();
            const driver = drive();
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
          } finally {
            await own.stop();
          }
        },
        { skip: client.randomAcks },
      );

      scenario("kill -9 in the middle: without recovery", async ({ drive, native }) => {
        const own = await Server.start();
        try {
          const here = room();
          let other = await native("Nora", here, own);
          const driver = drive();
          await driver.connect(own, transport, { version: 1, name: "Cleo" });
          await driver.ask("join", here);
          await other.say(here, bodies("Nora", 10));
          await driver.hears("entry", 10);
          await own.kill();
          await own.restart();
          other = await native("Nora", here, own);
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
        } finally {
          await own.stop();
        }
      });
    });
  }
}

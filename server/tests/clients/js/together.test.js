// Everybody in one room: each client over each of its transports, and somebody who speaks maru.v1. In the middle of
// it a server is killed. Nobody misses anything, or has anything twice.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { Cluster } from "./support/cluster.js";
import { GATEWAYS } from "./support/gateway.js";
import { Native } from "./support/native.js";
import { bodies, by, inOrder, PAIRS, stage } from "./support/scenes.js";
import { Server } from "./support/server.js";
import { until } from "./support/until.js";

const EVENTS = 500;
const SETTINGS = Object.assign({}, ...PAIRS.map(({ client }) => client.settings));
const ROOM = "everybody";
/** How long somebody waits before they say again what they do not see in the room. */
const AGAIN_MS = 1_000;
/** All of them come back at once, on a machine that does other things, too. */
const PATIENCE_MS = 60_000;

/** Where they meet. `door`: what clients connect to, `near`: the server of who speaks maru.v1. */
const PLACES = {
  async "the only server is killed, and starts again"() {
    const server = await Server.start(SETTINGS);
    return {
      door: server,
      near: server,
      async kill(nora) {
        await server.kill();
        await server.restart();
        await nora.come(server);
      },
      end: () => server.stop(),
    };
  },
  ...Object.fromEntries(
    GATEWAYS.map((gateway) => [
      `one of two servers behind ${gateway.name} is killed`,
      async () => {
        const cluster = await Cluster.start(SETTINGS);
        const [dies, near] = cluster.nodes;
        const door = await gateway.start(cluster.nodes);
        return {
          door,
          near,
          kill: () => dies.kill(),
          async end() {
            await door.end();
            await cluster.end();
          },
        };
      },
    ]),
  ),
};

const sends = (who, count) =>
  bodies(who, count).map((body) => ({ room: ROOM, id: randomUUID(), body }));

/** Says these, and says again what is not among the entries: with the same ids, so it is said once. */
async function persist(sends, say, entries) {
  const missing = new Map(sends.map((send) => [send.id, send]));
  let [at, last] = [0, 0];
  const isSaid = () => {
    for (; at < entries.length; at++) missing.delete(entries[at].id);
    if (missing.size > 0 && Date.now() - last > AGAIN_MS) {
      last = Date.now();
      say([...missing.values()]);
    }
    return missing.size === 0;
  };
  await until(
    `all of ${sends[0].body} is said`,
    isSaid,
    () => `${missing.size} are not`,
    PATIENCE_MS,
  );
}

/** Somebody who speaks maru.v1, and comes back to where they were. */
class Nora {
  entries = [];
  #native;
  #epoch;

  async come(near) {
    const after = this.entries.at(-1);
    const native = await Native.connect(near, "Nora", this.#native?.token);
    native.onEntry = (entry) => this.entries.push(entry);
    const place = after && { epoch: this.#epoch, seq: after.seq };
    const joined = await native.ask({ type: "join", room: ROOM, after: place });
    assert.equal(joined.reset, false);
    this.#epoch = joined.epoch;
    this.entries.push(...joined.entries);
    this.#native?.close();
    this.#native = native;
  }

  say(sends) {
    for (const send of sends) void this.#native.ask({ type: "send", ...send });
  }
}

/** A client says its half of all, with acks where they are its own. */
function begin({ client, driver, sends }) {
  const events = sends.map((send) => ["send", send]);
  if (client.randomAcks === undefined) driver.begin(events);
  else driver.emit(events);
}

for (const [name, open] of Object.entries(PLACES)) {
  test(`everybody in one room: ${name}`, async () => {
    const place = await open();
    try {
      await stage({}, (cast) => together(cast, place));
    } finally {
      await place.end();
    }
  });
}

async function together(cast, { door, near, kill }) {
  const maker = await Native.connect(near, "Maker");
  await maker.ask({ type: "create", room: ROOM });
  maker.close();
  const nora = new Nora();
  await nora.come(near);
  const share = Math.ceil(EVENTS / PAIRS.length);
  const people = [];
  for (const [at, { client, transport, pair }] of PAIRS.entries()) {
    const driver = cast.drive({ client });
    const who = `Cleo ${at}`;
    await driver.connect(door, transport, { version: 1, name: who, recover: true });
    assert.equal((await driver.ask("join", ROOM)).type, "joined", pair);
    people.push({ client, pair, driver, who, sends: sends(who, share) });
  }
  const mine = sends("Nora", EVENTS);
  const middle = (all) => all.slice(0, all.length / 2);

  nora.say(middle(mine));
  for (const person of people) begin({ ...person, sends: middle(person.sends) });
  await until("they talk", () => nora.entries.length > EVENTS / 4);
  await kill(nora);
  const again = (driver) => (missing) => driver.emit(missing.map((send) => ["send", send]));
  await Promise.all([
    persist(mine, (missing) => nora.say(missing), nora.entries),
    ...people.map(({ driver, sends }) => persist(sends, again(driver), driver.entries)),
  ]);

  const said = await near.said(ROOM);
  const all = said.map(({ body }) => body);
  assert.equal(all.length, EVENTS + share * people.length, "each is said once");
  await until("Nora has all", () => nora.entries.length >= said.length);
  assert.deepEqual(inOrder({}, nora.entries), all);
  assert.deepEqual(by("Nora", all), bodies("Nora", EVENTS));
  for (const { client, pair, driver, who } of people) {
    await driver.hears("entry", said.length);
    try {
      assert.deepEqual(inOrder(client, driver.entries), all);
    } catch (error) {
      error.message = `${pair}: ${error.message}`;
      throw error;
    }
    assert.deepEqual(by(who, all), bodies(who, share), pair);
    for (const [, answers] of driver.acks) assert.equal(answers.length, 1, `${pair}: an ack twice`);
  }
}

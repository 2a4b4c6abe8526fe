// A scenario stands once in a test and runs for every client over every transport. `CLIENTS` chooses some of them
// by a pattern. What a client can't do is a test that is skipped, with the reason in its name.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { close } from "./browser.js";
import { CLIENTS } from "./clients.js";
import { Driver } from "./driver.js";
import { Native } from "./native.js";
import { Server } from "./server.js";

/** A server for whoever needs none of their own. */
export let server;
before(async () => (server = await Server.start()));
after(async () => {
  await close();
  await server.stop();
});

let rooms = 0;
export const room = () => `room ${++rooms}`;
export const bodies = (who, count) => Array.from({ length: count }, (_, at) => `${who} ${at}`);
export const send = (to, body) => ["send", { room: to, id: randomUUID(), body }];
export const by = (who, all) => all.filter((body) => body.startsWith(`${who} `));

/** The bodies in the order of the room; that they came in it, too, where the client calls handlers in order. */
export function inOrder(client, entries) {
  const sorted = entries.toSorted((one, other) => one.seq - other.seq);
  if (client.unordered === undefined) assert.deepEqual(entries, sorted, "they came in order");
  sorted.forEach(({ seq }, at) => assert.equal(seq, sorted[0].seq + at, "no hole, nothing twice"));
  return sorted.map(({ body }) => body);
}

const chosen = new RegExp(process.env.CLIENTS ?? "");

/** The chosen clients, each over each of its transports. */
export const PAIRS = CLIENTS.flatMap((client) =>
  client.transports.map((transport) => ({
    client,
    transport,
    pair: `${client.name} over ${transport}`,
  })),
).filter(({ pair }) => chosen.test(pair));

/** Those who are in a scenario; all are gone after it. */
class Cast {
  #ends = [];
  #pair;

  constructor(pair) {
    this.#pair = pair;
  }

  /** A client, not connected yet. */
  drive({ client } = this.#pair) {
    const driver = Driver.start(client);
    this.#ends.push(() => driver.end());
    return driver;
  }

  /** Somebody who speaks maru.v1, in this room. */
  async native(name, to, on = server, token) {
    const native = await Native.connect(on, name, token);
    this.#ends.push(() => native.close());
    await native.enter(to);
    return native;
  }

  /** The client (Cleo) in a room with somebody (Nora) who speaks maru.v1. `door`: what the client connects to. */
  async meet({ on = server, door = on, ...auth } = {}) {
    const here = room();
    const other = await this.native("Nora", here, on);
    const driver = this.drive();
    await driver.connect(door, this.#pair.transport, { version: 1, name: "Cleo", ...auth });
    assert.equal((await driver.ask("join", here)).type, "joined");
    return { here, other, driver };
  }

  end() {
    this.#ends.forEach((end) => end());
  }
}

/** Runs it with a cast, which is sent home. */
export async function stage(pair, run) {
  const cast = new Cast(pair);
  try {
    await run(cast);
  } finally {
    cast.end();
  }
}

/** Runs it with a server of its own, for one that is killed. */
export async function ownServer({ settings }, run) {
  const own = await Server.start(settings);
  try {
    await run(own);
  } finally {
    await own.stop();
  }
}

/** Calls this for each client over each transport, with what makes a test of a scenario. */
export function everyClient(scenes) {
  for (const pair of PAIRS) {
    describe(pair.pair, () => {
      const scene = (name, run, { skip } = {}) =>
        test(name, { skip: skip ?? false }, () => stage(pair, run));
      scenes(scene, pair);
    });
  }
}

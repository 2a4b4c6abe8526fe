// People who chat while their servers come and go.

import assert from "node:assert/strict";
import { scenario } from "../support/scenario.js";
import { PATIENCE_MS, sees } from "../support/until.js";
import { docker, scale, servers, serving, started, upgrade } from "./stack.js";
import { allAgree, but, Talker } from "./talker.js";

/** What docs/operations.md promises to those whose server dies. */
const BACK_MS = 3_000;

scenario("nobody notices servers that come; one dies, and its people are back", async (world) => {
  await started();
  await sees(serving, 1);
  const [first = ""] = await servers();
  const room = `grow-${Date.now()}`;
  const [ada, ben] = [await Talker.join(world, "Ada", room), await Talker.join(world, "Ben", room)];
  ada.start();
  ben.start();
  await ada.isServed([ben], 10_000);

  await scale(3);
  // The new servers have nobody, so whoever comes now gets one of them.
  const cho = await Talker.join(world, "조은", room);
  cho.start();
  const all = [ada, ben, cho];
  for (const one of all) await one.isServed(but(all, one), 10_000);
  for (const { name, connections } of all) assert.equal(connections, 1, `${name} was cut off`);

  await docker("kill", first);
  const killed = Date.now();
  await Promise.all([ada, ben].map((one) => one.isServed(but(all, one), PATIENCE_MS)));
  for (const { name, connections, lostAt, backAt } of [ada, ben]) {
    assert.ok(connections > 1, `${name} was on the server that died`);
    // The command may take its time to say that it is done.
    const took = backAt - Math.min(killed, lostAt);
    console.log(`# ${name} is back in the room after ${took} ms`);
    assert.ok(took <= BACK_MS, `${name} was away for ${took} ms`);
  }
  assert.equal(cho.connections, 1, "who was elsewhere notices nothing");

  await Promise.all(all.map((one) => one.stop()));
  await allAgree(room, all);
  world.forgiveNetworkErrors();
});

scenario("an upgrade replaces every server, and nothing is lost", async (world) => {
  await scale(3);
  const before = await servers();
  const room = `upgrade-${Date.now()}`;
  const all: Talker[] = [];
  for (const name of ["Dan", "Eve", "Fay"]) all.push(await Talker.join(world, name, room));
  for (const one of all) one.start();
  await upgrade();
  await Promise.all(all.map((one) => one.isServed(but(all, one), PATIENCE_MS)));
  for (const { name, connections } of all) assert.ok(connections > 1, `${name} was not moved`);
  await Promise.all(all.map((one) => one.stop()));
  await allAgree(room, all);

  const after = await servers();
  assert.equal(after.length, 3);
  assert.deepEqual(
    after.filter((server) => before.includes(server)),
    [],
    "an old server is left",
  );
  await sees(serving, 3);
  world.forgiveNetworkErrors();
});

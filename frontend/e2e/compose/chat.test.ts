// People who chat while their servers come and go.

import assert from "node:assert/strict";
import { scenario } from "../support/scenario.js";
import { sees, until } from "../support/until.js";
import { docker, scale, servers, serving, started } from "./stack.js";
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

  const killed = Date.now();
  await docker("kill", first);
  await Promise.all([ada, ben].map((one) => one.isServed(but(all, one), BACK_MS)));
  console.log(`# Ada and Ben are back ${Date.now() - killed} ms after the kill`);
  assert.ok(ada.connections > 1 && ben.connections > 1, "they were on the server that died");
  assert.equal(cho.connections, 1, "who was elsewhere notices nothing");

  await Promise.all(all.map((one) => one.stop()));
  await allAgree(room, all);
  world.forgiveNetworkErrors();
});

scenario("each server is stopped and started in turn, and nothing is lost", async (world) => {
  await scale(3);
  const room = `roll-${Date.now()}`;
  const all: Talker[] = [];
  for (const name of ["Dan", "Eve", "Fay"]) all.push(await Talker.join(world, name, room));
  for (const one of all) one.start();
  for (const server of await servers()) {
    await docker("stop", server);
    await Promise.all(all.map((one) => one.isServed(but(all, one), 15_000)));
    await docker("start", server);
    await until("it takes connections again", async () => (await serving()) === 3);
  }
  await Promise.all(all.map((one) => one.stop()));
  await allAgree(room, all);
  world.forgiveNetworkErrors();
});

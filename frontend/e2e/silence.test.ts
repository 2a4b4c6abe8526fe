// A connection that is dead and doesn't say so: whoever waits knows within five seconds.

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { Tunnel } from "./support/tunnel.js";
import type { World } from "./support/world.js";
import { sees, until } from "./support/until.js";

/** What a person waits before they wonder. */
const KNOWS_MS = 5_000;

async function behindTunnel(world: World) {
  const site = await world.startApart();
  const tunnel = await Tunnel.start(world.server.http);
  world.ends(() => tunnel.stop());
  site.config = JSON.stringify({ server: tunnel.webSocket });
  const ada = await world.person("Ada", { at: site.address });
  await ada.comeInto("lobby");
  await ada.hasKeys();
  const knows = () => until("the banner shows", () => ada.banner.isVisible(), KNOWS_MS);
  return { ada, tunnel, knows };
}

scenario("a message that is swallowed is told of within five seconds, and comes", async (world) => {
  const { ada, tunnel, knows } = await behindTunnel(world);
  await ada.say("before");
  await ada.seesAll(["before"]);
  tunnel.block(true);
  await ada.say("into the dark");
  await knows();
  assert.equal(await ada.banner.getAttribute("data-state"), "silent");
  tunnel.block(false);
  await until("the banner goes", () => ada.banner.isHidden());
  await ada.seesAll(["before", "into the dark"]);
  await sees(
    async () => (await world.server.history("lobby")).map(({ body }) => body),
    ["before", "into the dark"],
  );
});

for (const [what, happens] of [
  ["the network goes", () => dispatchEvent(new Event("offline"))],
  ["another network is there", () => dispatchEvent(new Event("online"))],
  [
    "the kind of network changes",
    () =>
      (navigator as { connection?: EventTarget }).connection?.dispatchEvent(new Event("change")),
  ],
  ["the page is looked at again", () => document.dispatchEvent(new Event("visibilitychange"))],
] as const) {
  scenario(`${what}: a dead connection is told of within five seconds`, async (world) => {
    const { ada, tunnel, knows } = await behindTunnel(world);
    tunnel.block(true);
    await ada.page.evaluate(`(${happens.toString()})()`);
    await knows();
    tunnel.block(false);
    await until("the banner goes", () => ada.banner.isHidden());
  });
}

scenario("a computer that wakes up asks whether the server is there", async (world) => {
  const { ada, tunnel, knows } = await behindTunnel(world);
  tunnel.block(true);
  // It slept an hour: the clock jumps, and timers have not run.
  await ada.page.evaluate(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + 3_600_000;
  });
  await knows();
  tunnel.block(false);
  await until("the banner goes", () => ada.banner.isHidden());
});

scenario("offline is told of within five seconds, though the socket stays", async (world) => {
  const { ada, tunnel, knows } = await behindTunnel(world);
  tunnel.block(true);
  await ada.context.setOffline(true);
  await knows();
  assert.equal(await ada.banner.getAttribute("data-state"), "offline");
  await ada.context.setOffline(false);
  tunnel.block(false);
  await until("the banner goes", () => ada.banner.isHidden());
  await ada.say("back");
  await ada.seesAll(["back"]);
  world.forgiveNetworkErrors();
});

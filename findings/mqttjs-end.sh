#!/bin/sh
# Guess: One would expect what is still to be sent when a mqtt.js client is ended to be settled: sent, or
#   rejected as given up. `end()` waits for it, `end(true)` does not, and either way the promise of the
#   publish has a fate afterwards.
# With: mqtt 5.16.0 (mqtt.js), aedes 1.2.0
# Seen: After an outage a publish that was waiting for the connection is neither sent nor rejected. Its promise
#   stays open in all four cases: quality of service 0 or 1, `end()` or `end(true)`. With 1, `end()` itself is
#   never done either; with 0 it is done and says nothing. Only a publish after the end is rejected.
# Matters: A bot that is told to stop during an outage waits for ever in `await publishAsync(...)` or in its
#   `await endAsync()`, or ends in the belief that the last messages went out. Give both a time limit of one's
#   own, and count what is open before the end.
. "$(dirname "$0")/lib/finding.sh"
npm_packages mqtt@5.16.0 aedes@1.2.0

cat >main.mjs <<'JS'
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Aedes } from "aedes";
import mqtt from "mqtt";

const broker = await Aedes.createBroker();
let published = 0;
broker.on("publish", (packet, client) => {
  if (client) published += 1;
});
const server = createServer(broker.handle);
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

async function fate(promise) {
  const settled = promise.then(
    () => "done",
    (error) => `rejected, ${error.message}`,
  );
  return Promise.race([settled, sleep(2000, "open")]);
}

async function end(qos, force) {
  const client = mqtt.connect(`mqtt://127.0.0.1:${server.address().port}`, { reconnectPeriod: 500 });
  await new Promise((ready) => client.once("connect", ready));
  client.stream.destroy();
  await new Promise((gone) => client.once("close", gone));
  const publish = fate(client.publishAsync("room", "last words", { qos }));
  const ended = fate(client.endAsync(force));
  console.log(`qos ${qos}, end(${force || ""}): publish ${await publish}, end ${await ended}, arrived ${published}`);
  if (qos === 0) console.log(`  a publish after the end: ${await fate(client.publishAsync("room", "late"))}`);
}

for (const qos of [0, 1]) for (const force of [false, true]) await end(qos, force);
process.exit();
JS

same_as_seen node main.mjs <<'SEEN'
qos 0, end(): publish open, end done, arrived 0
  a publish after the end: rejected, client disconnecting
qos 0, end(true): publish open, end done, arrived 0
  a publish after the end: rejected, client disconnecting
qos 1, end(): publish open, end open, arrived 0
qos 1, end(true): publish open, end done, arrived 0
SEEN

// What no client library would say: packets by hand.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Server } from "./support/server.js";
import { until } from "./support/until.js";

let server;
before(async () => (server = await Server.start()));
after(() => server.stop());

/** Connects to the namespace `/`, says these packets, and returns what came until the last one was answered. */
async function say(packets, last) {
  const address = `${server.http.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(address);
  const got = [];
  socket.addEventListener("message", ({ data }) => got.push(data));
  try {
    await until("there is a session", () => got.some((packet) => packet.startsWith("0{")));
    socket.send('40{"version":1,"name":"Cleo"}');
    for (const packet of packets) socket.send(packet);
    await until(`there is ${last}`, () => got.some((packet) => packet.startsWith(last)));
    return got;
  } finally {
    socket.close();
  }
}

const answers = (got, start) =>
  got
    .filter((packet) => packet.startsWith(start))
    .map((packet) => JSON.parse(packet.slice(start.length))[0]);

test("an event whose name is a number is answered once, and the link lives", async () => {
  const got = await say(["421[7,{}]", '422["join","lobby"]'], "432[");
  const [refused, ...more] = answers(got, "431");
  assert.equal(refused.type, "error");
  assert.equal(refused.code, "unknown_type");
  assert.deepEqual(more, []);
  assert.equal(answers(got, "432")[0].type, "joined");
});

test("an ack id that comes twice is answered twice", async () => {
  const got = await say(['425["rooms"]', '425["create","a room"]', '426["rooms"]'], "436[");
  const types = answers(got, "435").map(({ type }) => type);
  assert.deepEqual(types, ["rooms", "ok"]);
});

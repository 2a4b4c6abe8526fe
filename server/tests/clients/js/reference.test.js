// Wrong requests, asked of the reference implementation (npm's socket.io) and of Maru: the same status and code.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { Server as Reference } from "socket.io";
import { Server } from "./support/server.js";

let maru, reference, http;
before(async () => {
  maru = await Server.start();
  http = createServer();
  reference = new Reference(http);
  reference.on("connection", () => {});
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
});
after(async () => {
  await reference.close();
  await maru.stop();
});

const both = () => [`http://127.0.0.1:${http.address().port}`, maru.http];

const POLLING = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET = "/socket.io/?EIO=4&transport=websocket";

async function ask(server, method, path, body) {
  const answer = await fetch(server + path, { method, body });
  const text = await answer.text();
  return text.startsWith("{") ? [answer.status, JSON.parse(text)] : [answer.status, text];
}

/** A session that polls, in the namespace `/`. */
async function open(server) {
  const [, handshake] = await ask(server, "GET", POLLING);
  const session = `${POLLING}&sid=${JSON.parse(handshake.slice(1)).sid}`;
  assert.deepEqual(await ask(server, "POST", session, "40"), [200, "ok"]);
  const [, connected] = await ask(server, "GET", session);
  assert.match(connected, /^40\{/);
  return session;
}

/** The head of the answer to a WebSocket's handshake. */
async function upgrade(server, path) {
  const { hostname, port } = new URL(server);
  const socket = connect(port, hostname);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  const [first] = await once(socket, "data");
  socket.destroy();
  return Number(String(first).split(" ")[1]);
}

describe("what is refused", () => {
  for (const [method, path] of [
    ["GET", "/socket.io/"],
    ["GET", "/socket.io/?EIO=4&transport=pigeon"],
    ["GET", "/socket.io/?EIO=4&transport=constructor"],
    ["GET", "/socket.io/?EIO=3&transport=polling"],
    ["GET", "/socket.io/?EIO=5&transport=polling"],
    ["GET", "/socket.io/?transport=polling"],
    ["POST", POLLING],
    ["PUT", POLLING],
    ["DELETE", POLLING],
    ["HEAD", POLLING],
    ["GET", WEBSOCKET],
    ["GET", `${POLLING}&sid=x`],
    ["POST", `${POLLING}&sid=x`],
    ["GET", `${POLLING}&sid=__proto__`],
    ["GET", `${WEBSOCKET}&sid=x`],
    ["GET", `${POLLING}&transport=websocket`],
  ]) {
    test(`${method} ${path}`, async () => {
      const [expected, got] = await Promise.all(both().map((at) => ask(at, method, path)));
      assert.equal(got[0], 400);
      assert.deepEqual(got, expected);
    });
  }

  test("an empty id is none", async () => {
    for (const server of both()) {
      const [status, text] = await ask(server, "GET", `${POLLING}&sid=`);
      assert.deepEqual([status, text[0]], [200, "0"]);
    }
  });

  test("polls and posts of a session that has a WebSocket", async () => {
    const answers = [];
    for (const server of both()) {
      const socket = new WebSocket(server.replace("http", "ws") + WEBSOCKET);
      const [{ data }] = await once(socket, "message");
      const session = `${POLLING}&sid=${JSON.parse(data.slice(1)).sid}`;
      answers.push([await ask(server, "GET", session), await ask(server, "POST", session, "4")]);
      socket.close();
    }
    assert.deepEqual(answers[1], answers[0]);
    assert.deepEqual(answers[0][0], [400, { code: 3, message: "Bad request" }]);
  });

  test("WebSockets of unknown sessions and transports", async () => {
    for (const path of [`${WEBSOCKET}&sid=x`, "/socket.io/?EIO=4&transport=pigeon"]) {
      for (const server of both()) assert.equal(await upgrade(server, path), 400);
    }
  });
});

describe("what ends a session", () => {
  const eleven = Array.from({ length: 11 }, (_, num) => ({ _placeholder: true, num }));
  for (const packet of [
    "abc",
    "",
    "9",
    "1",
    "4",
    "47",
    "4x",
    "42{}",
    "42[]",
    "42[{}]",
    "44{}",
    `4511-${JSON.stringify(["a", ...eleven])}`,
    "b",
    "b!!!",
  ]) {
    test(JSON.stringify(packet).slice(0, 40), async () => {
      for (const server of both()) {
        const session = await open(server);
        await ask(server, "POST", session, packet);
        // The reference has a last answer for some of them.
        const first = await ask(server, "GET", session);
        const last = first[0] === 200 ? await ask(server, "GET", session) : first;
        assert.deepEqual(last, [400, { code: 1, message: "Session ID unknown" }], server);
      }
    });
  }

  test("not a body that is too long, as the reference has it", async () => {
    const session = await open(maru.http);
    const [status] = await ask(maru.http, "POST", session, "4".padEnd(1_100_000, "x"));
    assert.equal(status, 413);
    assert.deepEqual(await ask(maru.http, "POST", session, '421["ping"]'), [200, "ok"]);
  });
});

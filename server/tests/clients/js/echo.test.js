// The generic part of Engine.IO and Socket.IO, which knows nothing of chat, by the stock client: the server of
// server/examples/socketio_echo.rs.

import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { io } from "socket.io-client";
import { start, TARGET } from "./support/server.js";

let echo, url;
before(async () => {
  const program = join(TARGET, "debug/examples/socketio_echo");
  echo = start(program, ["127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(echo.stdout), "line");
  url = `http://${line.replace("listening on ", "")}`;
});
after(async () => {
  const exited = once(echo, "exit");
  echo.kill("SIGKILL");
  await exited;
});

/** The arguments of the next event of this name. */
const hears = (socket, name) => new Promise((heard) => socket.once(name, (...args) => heard(args)));

const BYTES = Buffer.from([1, 2, 3, 255]);
const ARGUMENTS = ["a text", 7, null, { deep: [true, { bytes: BYTES }] }, BYTES];

for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
  for (const namespace of ["/", "/custom"]) {
    describe(`${transports} in ${namespace}`, () => {
      let socket;
      before(async () => {
        socket = io(url + namespace, { transports, auth: { token: "mine" }, forceNew: true });
        const [auth] = await hears(socket, "auth");
        assert.deepEqual(auth, { token: "mine" });
      });
      after(() => socket.disconnect());

      test("an event comes back", async () => {
        const heard = hears(socket, "message-back");
        socket.emit("message", ...ARGUMENTS);
        assert.deepEqual(await heard, ARGUMENTS);
      });

      test("an ack comes back, within a time or not", async () => {
        assert.deepEqual(await socket.emitWithAck("message-with-ack", ...ARGUMENTS), ARGUMENTS[0]);
        await assert.rejects(socket.timeout(50).emitWithAck("nobody answers this"));
      });

      test("the server asks, and is answered", async () => {
        socket.once("question", (...args) => args.at(-1)("an answer", args[0], BYTES));
        const heard = hears(socket, "answer");
        socket.emit("ask", ...ARGUMENTS);
        assert.deepEqual(await heard, [["an answer", ARGUMENTS[0], BYTES]]);
      });

      test("the server asks, and does not wait for ever", async () => {
        const asked = hears(socket, "question");
        const silence = hears(socket, "no-answer");
        socket.emit("ask", ...ARGUMENTS);
        const question = await asked;
        assert.deepEqual(question.slice(0, -1), ARGUMENTS);
        assert.deepEqual(await silence, []);
        // Too late: nobody is told.
        socket.once("answer", () => assert.fail("it was given up"));
        question.at(-1)("late");
        const heard = hears(socket, "message-back");
        socket.emit("message", "after it");
        assert.deepEqual(await heard, ["after it"]);
      });
    });
  }
}

test("a client that reads no binary messages is sent text, and says text", async () => {
  const address = `${url.replace("http", "ws")}/engine.io/?EIO=4&transport=websocket&b64=1`;
  const socket = new WebSocket(address);
  await once(socket, "message");
  const heard = once(socket, "message");
  socket.send("bAQID");
  const [{ data }] = await heard;
  assert.equal(data, "bAQID");
  socket.close();
});

test("a namespace that there is not", async () => {
  const socket = io(`${url}/none`, { forceNew: true, reconnection: false });
  const [error] = await hears(socket, "connect_error");
  assert.equal(error.message, "Invalid namespace");
  socket.disconnect();
});

#!/bin/sh
# Guess: One would expect the client's option `retries` to concern what asks for an acknowledgement: an event
#   that is sent without a callback stays "send and forget".
# With: socket.io 4.8.4, socket.io-client 4.8.4
# Seen: The client adds a callback to every event. A handler on the server that has none to call (why should
#   it, the sender gave none) gets the same event once and again for each retry, and all that was sent after
#   it, acknowledged or not, waits until the last of them is given up.
# Matters: Who turns `retries` on for the messages gets "is typing" three times and every message behind it
#   late by `ackTimeout` times the tries. Either every handler acknowledges, or such events are volatile.
. "$(dirname "$0")/lib/finding.sh"
npm_packages socket.io@4.8.4 socket.io-client@4.8.4

cat >main.mjs <<'JS'
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "socket.io";
import { io } from "socket.io-client";

const until = async (true_now) => {
  while (!true_now()) await sleep(10);
};

async function send(name, typing) {
  const http = createServer().listen(0, "127.0.0.1");
  const server = new Server(http);
  await until(() => http.address());
  const heard = [];
  server.on("connection", (peer) => {
    peer.on("typing", () => heard.push("typing"));
    peer.on("message", (text, done) => {
      heard.push(text);
      done();
    });
  });
  const url = `http://127.0.0.1:${http.address().port}`;
  const client = io(url, { retries: 2, ackTimeout: 300, forceNew: true });
  await until(() => client.connected && client.io.engine.transport.name === "websocket");
  const start = Date.now();
  typing(client);
  await client.emitWithAck("message", "hello");
  const late = Date.now() - start >= 900;
  console.log(`${name}: heard ${heard.join(", ")}; the message came ${late ? "after all waits" : "at once"}`);
  client.close();
  server.close();
}

await send("without a callback", (client) => client.emit("typing"));
await send("volatile", (client) => client.volatile.emit("typing"));
process.exit();
JS

same_as_seen node main.mjs <<'SEEN'
without a callback: heard typing, typing, typing, hello; the message came after all waits
volatile: heard typing, hello; the message came at once
SEEN

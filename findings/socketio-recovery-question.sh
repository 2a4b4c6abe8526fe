#!/bin/sh
# Guess: One would expect a session that Socket.IO reports as recovered to have missed nothing: a question
#   that the server asked while the client was away (`emitWithAck`) is asked again. If not, the server's
#   promise would be rejected when the client goes, as the client's own promise is. And what the client answers
#   after its return counts for a question that it got before.
# With: socket.io 4.8.4, socket.io-client 4.8.4
# Seen: Only events without an acknowledgement are kept. The missed question is never delivered, the session
#   says `recovered`, and the server's promise stays open for good. So does the promise of a question that the
#   client got before the outage and answers after it. The same call on the client is rejected when the
#   connection is lost. Only `timeout()` ends the server's wait, after its whole length.
# Matters: "Did this reach the member?" by `emitWithAck` leaks one promise for each lost connection, and
#   `recovered` says nothing about questions. Ask with a timeout, and ask again after a recovery.
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
const fate = (promise) => {
  const state = { now: "open" };
  promise.then(
    () => (state.now = "answered"),
    (error) => (state.now = `rejected, ${error.message}`),
  );
  return state;
};

const http = createServer().listen(0, "127.0.0.1");
const server = new Server(http, { connectionStateRecovery: {} });
await until(() => http.address());
let peer;
server.on("connection", (socket) => {
  peer = socket;
  socket.on("no answer", () => {});
});
const url = `http://127.0.0.1:${http.address().port}`;
const client = io(url, { reconnectionDelay: 300, transports: ["websocket"] });
const got = [];
client.on("chat", (text) => got.push(text));
client.on("question", (answer) => {
  got.push("question");
  answer("yes");
});
client.on("long question", (answer) => {
  setTimeout(() => {
    answer("yes");
    got.push(`answered, connected ${client.connected}`);
  }, 1000);
});
await until(() => client.connected && peer);
server.emit("chat", "one");
await until(() => got.length === 1);

const asked_before = fate(peer.emitWithAck("long question"));
await sleep(200);
const asked_by_client = fate(client.emitWithAck("no answer"));
client.io.engine.close();
await until(() => server.sockets.sockets.size === 0);
console.log(`connected ${client.connected}, the client's question: ${asked_by_client.now}`);
server.emit("chat", "two");
const asked = fate(peer.emitWithAck("question"));
const asked_with_timeout = fate(peer.timeout(1500).emitWithAck("question"));
await until(() => client.connected);
await sleep(2500);
console.log(`recovered ${client.recovered}, got ${got.join("; ")}`);
console.log(`the server's question before the outage: ${asked_before.now}`);
console.log(`the server's question while away: ${asked.now}`);
console.log(`the same with a timeout: ${asked_with_timeout.now}`);
process.exit();
JS

same_as_seen node main.mjs <<'SEEN'
connected false, the client's question: rejected, socket has been disconnected
recovered true, got one; two; answered, connected true
the server's question before the outage: open
the server's question while away: open
the same with a timeout: rejected, operation has timed out
SEEN

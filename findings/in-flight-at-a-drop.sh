#!/bin/sh
# Guess: One would expect a client that has lost its connection, and knows it, to settle at once what it had sent
#   and what was not confirmed yet: by an error, or by sending it again.
# With: socket.io-client 4.8.4, centrifuge 5.8.0, phoenix 1.8.16, @stomp/stompjs 7.5.0, socket.io 4.8.4, ws 8.23.0
# Seen: socket.io-client and centrifuge reject at once. Phoenix says nothing: the client reconnects and joins
#   again, and the push waits for its timeout (10 seconds unless told otherwise), without being sent again.
#   stompjs never says anything: the function given to `watchForReceipt` is forgotten with the connection, and
#   is not called when a receipt of that id comes on the next one.
# Matters: A "sending ..." that such a promise or function ends stays too long with Phoenix and for good with
#   STOMP, while the page is online again. Set the fate of open messages in the handler of the lost
#   connection, and let the server tell repetitions by the sender's own id.
. "$(dirname "$0")/lib/finding.sh"
npm_packages socket.io-client@4.8.4 centrifuge@5.8.0 phoenix@1.8.16 @stomp/stompjs@7.5.0 socket.io@4.8.4 ws@8.23.0

cat >main.mjs <<'JS'
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@stomp/stompjs";
import { Centrifuge } from "centrifuge";
import { Socket } from "phoenix";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { WebSocket, WebSocketServer } from "ws";

globalThis.WebSocket = WebSocket;

const until = async (true_now) => {
  while (!true_now()) await sleep(10);
};

/** A server that speaks by `answer(text, send)` and drops the first connection at the first message. */
async function serve(answer) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: ([first]) => first });
  await until(() => server.address());
  const messages = [];
  let connections = 0;
  server.on("connection", (peer) => {
    const first = ++connections === 1;
    peer.on("message", (data) => {
      const is_message = answer(String(data), (text) => peer.send(text), first);
      if (is_message) messages.push(String(data));
      if (is_message && first) peer.terminate();
    });
  });
  return { url: `ws://127.0.0.1:${server.address().port}`, messages };
}

function tell(name, { after_drop, after_return, at_the_end, sent }) {
  console.log(`${name}: lost: ${after_drop}; connected again: ${after_return}; end: ${at_the_end}; sent ${sent} times`);
}

async function follow(name, fate, connected, sent, length) {
  await until(() => !connected());
  await sleep(100);
  const after_drop = fate.now;
  await until(connected);
  await sleep(500);
  const after_return = fate.now;
  await sleep(length);
  tell(name, { after_drop, after_return, at_the_end: fate.now, sent: sent() });
}

async function socketIo() {
  const http = createServer().listen(0, "127.0.0.1");
  const server = new Server(http);
  await until(() => http.address());
  let sent = 0;
  server.on("connection", (peer) =>
    peer.on("message", () => {
      sent += 1;
      peer.conn.close();
    }),
  );
  const url = `http://127.0.0.1:${http.address().port}`;
  const client = io(url, { transports: ["websocket"], reconnectionDelay: 500, randomizationFactor: 0 });
  await until(() => client.connected);
  const fate = { now: "open" };
  client.emitWithAck("message", "hello").then(
    () => (fate.now = "done"),
    () => (fate.now = "error"),
  );
  await follow("socket.io-client", fate, () => client.connected, () => sent, 0);
}

async function centrifuge() {
  const { url, messages } = await serve((text, send) => {
    const { id, connect } = JSON.parse(text);
    if (connect) send(JSON.stringify({ id, connect: { client: "c1", version: "1" } }));
    return !connect;
  });
  const client = new Centrifuge(url, { websocket: WebSocket, minReconnectDelay: 500, maxReconnectDelay: 500 });
  client.connect();
  await client.ready();
  const fate = { now: "open" };
  client.publish("room", "hello").then(
    () => (fate.now = "done"),
    () => (fate.now = "error"),
  );
  await follow("centrifuge", fate, () => client.state === "connected", () => messages.length, 0);
}

async function phoenix() {
  const { url, messages } = await serve((text, send) => {
    const [join_ref, ref, topic, event] = JSON.parse(text);
    if (event === "phx_join") {
      send(JSON.stringify([join_ref, ref, topic, "phx_reply", { status: "ok", response: {} }]));
    }
    return event === "message";
  });
  const socket = new Socket(url, {
    transport: WebSocket,
    reconnectAfterMs: () => 500,
    rejoinAfterMs: () => 100,
  });
  socket.connect();
  const channel = socket.channel("room:1");
  channel.join();
  await until(() => channel.state === "joined");
  const fate = { now: "open" };
  const push = channel.push("message", { text: "hello" }, 3000);
  for (const kind of ["ok", "error", "timeout"]) push.receive(kind, () => (fate.now = kind));
  await follow("phoenix", fate, () => channel.state === "joined", () => messages.length, 2500);
}

async function stomp() {
  const { url, messages } = await serve((text, send, first) => {
    if (text.startsWith("CONNECT")) send("CONNECTED\nversion:1.2\n\n\0");
    const is_message = text.startsWith("SEND");
    if (is_message && !first) send("RECEIPT\nreceipt-id:r1\n\n\0");
    return is_message;
  });
  const client = new Client({ brokerURL: url, reconnectDelay: 500 });
  client.activate();
  await until(() => client.connected);
  const fate = { now: "open" };
  const headers = { receipt: "r1" };
  client.watchForReceipt("r1", () => (fate.now = "done"));
  client.publish({ destination: "/room", body: "hello", headers });
  await follow("stompjs", fate, () => client.connected, () => messages.length, 0);
  client.publish({ destination: "/room", body: "hello", headers });
  await sleep(500);
  console.log(`stompjs: sent again by hand, receipt came: ${fate.now}`);
}

await socketIo();
await centrifuge();
await phoenix();
await stomp();
process.exit();
JS

same_as_seen node main.mjs <<'SEEN'
socket.io-client: lost: error; connected again: error; end: error; sent 1 times
centrifuge: lost: error; connected again: error; end: error; sent 1 times
phoenix: lost: open; connected again: open; end: timeout; sent 1 times
stompjs: lost: open; connected again: open; end: open; sent 1 times
stompjs: sent again by hand, receipt came: open
SEEN

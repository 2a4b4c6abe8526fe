#!/bin/sh
# Guess: `emit()` five times and then `disconnect()`: the packets leave in that order over one connection, so the
#   server handles five events and then the disconnect. At most the last one is at risk.
# With: socket.io 4.8.4, socket.io-client 4.8.4
# Seen: Over WebSocket the server handles none of the five, over long-polling the first one. It takes the packets
#   of one read apart at once, but puts each event off to a later tick; the disconnect is handled at once and
#   before them, and events of a socket that is gone are dropped. Nobody is told.
# Matters: A script that says something and goes, or a page that says goodbye, loses what it said. A server that
#   handles packets in their order loses nothing. With this one: wait for an ack before `disconnect()`.
. "$(dirname "$0")/lib/finding.sh"
npm_packages socket.io@4.8.4 socket.io-client@4.8.4

cat >main.mjs <<'JS'
import { createServer } from "node:http";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "socket.io";
import { io } from "socket.io-client";

const http = createServer().listen(0, "127.0.0.1");
await once(http, "listening");
const server = new Server(http);
const url = `http://127.0.0.1:${http.address().port}`;

for (const transport of ["websocket", "polling"]) {
  const handled = [];
  const gone = new Promise((resolve) => {
    server.once("connection", (socket) => {
      socket.on("message", (number) => handled.push(number));
      socket.on("disconnect", resolve);
    });
  });
  const client = io(url, { transports: [transport], forceNew: true });
  await once(client, "connect");
  for (let number = 1; number <= 5; number += 1) client.emit("message", number);
  client.disconnect();
  await gone;
  // Whatever was put off is done by then.
  await sleep(300);
  console.log(`${transport}: handled ${handled.length} of 5`);
}
process.exit();
JS

same_as_seen node main.mjs <<'SEEN'
websocket: handled 0 of 5
polling: handled 1 of 5
SEEN

#!/bin/sh
# Guess: One would expect Socket.IO's connection state recovery to work beside the handlers: they get the
#   arguments that were sent, and a volatile event ("alice is typing"), which is never kept, can't touch it.
# With: socket.io 4.8.4, socket.io-client 4.8.4
# Seen: Once recovery is on, each kept event reaches its handler with one more argument, the place in the
#   server's log. The client takes the last argument of every event for that place if it is a string. After a
#   volatile event that ends in a string it names that string as the place at its return: the server does not
#   find it, recovers nothing, and the events that were missed are gone. An event without a last string at
#   that place (a number, an object) does no harm.
# Matters: A chat that sends who is typing by name loses recovery just in its busy rooms. Let such events end
#   in an object, and let no handler count its arguments.
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

async function outage(name, before) {
  const http = createServer().listen(0, "127.0.0.1");
  const server = new Server(http, { connectionStateRecovery: {} });
  await until(() => http.address());
  const url = `http://127.0.0.1:${http.address().port}`;
  const client = io(url, { reconnectionDelay: 300, transports: ["websocket"], forceNew: true });
  const got = [];
  client.on("chat", (text, ...more) => got.push(`${text} (+${more.length})`));
  client.on("typing", () => got.push("typing"));
  await until(() => client.connected);

  server.emit("chat", "one");
  await until(() => got.length === 1);
  if (before) {
    before(server);
    await until(() => got.length === 2);
  }
  client.io.engine.close();
  await until(() => server.sockets.sockets.size === 0);
  server.emit("chat", "two");
  await until(() => client.connected);
  server.emit("chat", "three");
  await until(() => got.some((text) => text.startsWith("three")));
  console.log(`${name}: recovered ${client.recovered}, got ${got.join(", ")}`);
  client.close();
  server.close();
}

await outage("nothing volatile");
await outage("volatile, ends in an object", (server) => server.volatile.emit("typing", { name: "alice" }));
await outage("volatile, ends in a string", (server) => server.volatile.emit("typing", "alice"));
process.exit();
JS

same_as_seen node main.mjs <<'SEEN'
nothing volatile: recovered true, got one (+1), two (+1), three (+1)
volatile, ends in an object: recovered true, got one (+1), typing, two (+1), three (+1)
volatile, ends in a string: recovered false, got one (+1), typing, three (+1)
SEEN

#!/bin/sh
# Guess: One would expect the close code to decide whether centrifuge-js comes back (3500-3999 and 4500-4999
#   mean "stay away", all others "come back"), and the reason to be a text for people.
# With: centrifuge 5.8.0, ws 8.23.0
# Seen: The reason is read as JSON first, for every code. If it is valid JSON, its key `reconnect` decides
#   alone: a 1012 with the reason {"retry_after":5}, or a 1011 with the reason "42", is the end, as there is no
#   such key. If it is not JSON, the code decides. If there is no reason, the client always comes back, even
#   after 3500 and 4500.
# Matters: A server or gateway that puts something structured into the reason of a restart loses all its
#   members for good; one that bans by 4500 without a reason is asked again and again. Who serves this client
#   sends a text with a final code, and no JSON but {"reason": ..., "reconnect": ...}.
. "$(dirname "$0")/lib/finding.sh"
npm_packages centrifuge@5.8.0 ws@8.23.0

cat >main.mjs <<'JS'
import { setTimeout as sleep } from "node:timers/promises";
import { Centrifuge } from "centrifuge";
import { WebSocket, WebSocketServer } from "ws";

const until = async (true_now) => {
  while (!true_now()) await sleep(10);
};

/** Lets a client in, closes its first connection, and tells whether it came back within a second. */
async function close(code, reason) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await until(() => server.address());
  let connections = 0;
  server.on("connection", (peer) => {
    const first = ++connections === 1;
    peer.on("message", (data) => {
      const command = JSON.parse(String(data).split("\n")[0]);
      if (!command.connect) return;
      peer.send(JSON.stringify({ id: command.id, connect: { client: "c1", version: "1" } }));
      if (first) setTimeout(() => peer.close(code, reason), 100);
    });
  });
  const client = new Centrifuge(`ws://127.0.0.1:${server.address().port}`, {
    websocket: WebSocket,
    minReconnectDelay: 50,
    maxReconnectDelay: 50,
  });
  client.connect();
  await sleep(1200);
  const line = `${code} ${reason || "(no reason)"}: ${client.state}, connections: ${connections}`;
  client.disconnect();
  server.close();
  return line;
}

const lines = await Promise.all([
  close(1012, ""),
  close(1012, "restart"),
  close(1012, '{"retry_after":5}'),
  close(1011, "42"),
  close(3500, ""),
  close(3500, "banned"),
  close(4500, ""),
  close(4500, "banned"),
  close(3500, '{"reason":"banned","reconnect":true}'),
]);
console.log(lines.join("\n"));
process.exit();
JS

same_as_seen node main.mjs <<'SEEN'
1012 (no reason): connected, connections: 2
1012 restart: connected, connections: 2
1012 {"retry_after":5}: disconnected, connections: 1
1011 42: disconnected, connections: 1
3500 (no reason): connected, connections: 2
3500 banned: disconnected, connections: 1
4500 (no reason): connected, connections: 2
4500 banned: disconnected, connections: 1
3500 {"reason":"banned","reconnect":true}: connected, connections: 2
SEEN

#!/bin/sh
# Guess: One would expect a server that was told nothing of subprotocols to pick none, and clients to agree on
#   what it means when a server picks none of those that they offered.
# With: ws 8.23.0, undici 6.29.1, websockets 17.4 (Python), aiohttp 3.14.5
# Seen: A `ws` server without `handleProtocols` picks the first that is offered, whatever it is. If a server
#   picks none, the two JavaScript clients refuse the connection (`undici` is
#   Node.js's own WebSocket), and both Python clients open it with the subprotocol None.
# Matters: A page that offers ["v2.chat", "v1.chat"] is told "v2.chat" by a server that only speaks the first
#   version. And a server that is tried with a Python client and ignores subprotocols lets no page in. Say
#   which subprotocols the server speaks, and check the chosen one on both sides.
. "$(dirname "$0")/lib/finding.sh"
npm_packages ws@8.23.0 undici@6.29.1
pip_packages websockets==17.4 aiohttp==3.14.5

cat >clients.py <<'PY'
import asyncio
import sys

import aiohttp
import websockets


async def main(url):
    async with websockets.connect(url, subprotocols=["v2.chat"]) as connection:
        print(f"websockets, none picked: open, subprotocol {connection.subprotocol}")
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url, protocols=["v2.chat"]) as connection:
            print(f"aiohttp, none picked: open, subprotocol {connection.protocol}")


asyncio.run(main(sys.argv[1]))
PY

cat >main.mjs <<'JS'
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { WebSocket as Undici } from "undici";
import { WebSocket, WebSocketServer } from "ws";

const until = async (true_now) => {
  while (!true_now()) await sleep(10);
};

async function serve(options) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, ...options });
  await until(() => server.address());
  return `ws://127.0.0.1:${server.address().port}`;
}

const fate = (Client, url, offered) =>
  new Promise((done) => {
    const client = new Client(url, offered);
    client.onopen = () => done(`open, subprotocol ${client.protocol || "None"}`);
    client.onerror = (event) => done(`refused, ${event.message}`);
  });

const told_nothing = await serve({});
const picks_none = await serve({ handleProtocols: () => false });
console.log(`ws, server told nothing: ${await fate(WebSocket, told_nothing, ["v2.chat", "v1.chat"])}`);
console.log(`ws, none picked: ${await fate(WebSocket, picks_none, ["v2.chat"])}`);
console.log(`undici, none picked: ${await fate(Undici, picks_none, ["v2.chat"])}`);
const { stdout } = await promisify(execFile)(process.argv[2], ["clients.py", picks_none], { timeout: 20_000 });
process.stdout.write(stdout);
process.exit();
JS

same_as_seen node main.mjs "$python" <<'SEEN'
ws, server told nothing: open, subprotocol v2.chat
ws, none picked: refused, Server sent no subprotocol
undici, none picked: refused, Server did not respond with sent protocols.
websockets, none picked: open, subprotocol None
aiohttp, none picked: open, subprotocol None
SEEN

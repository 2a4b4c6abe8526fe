#!/bin/sh
# Guess: A server closes a client's connection (`socket.conn.close()`, as at a restart). A client with reconnection
#   on, which is the default, connects again, whichever transport it has.
# With: socket.io 4.8.4; python-socketio 5.18.1, requests 2.32.5, websocket-client 1.9.0
# Seen: Over WebSocket the client sees a transport error and is back at once. Over long-polling the close comes as a
#   packet of Engine.IO in the answer to a poll: the client takes it for a `server disconnect` and never comes back.
# Matters: A bot behind a proxy without WebSockets is gone after the first deploy, while all browsers are back. A server
#   that wants clients to come back should not send that packet, but end the request; a client can connect again in
#   its `disconnect` handler.
. "$(dirname "$0")/lib/finding.sh"
npm_packages socket.io@4.8.4
pip_packages python-socketio==5.18.1 requests==2.32.5 websocket-client==1.9.0

cat >server.mjs <<'JS'
import { createServer } from "node:http";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Server } from "socket.io";

const http = createServer().listen(0, "127.0.0.1");
await once(http, "listening");
const server = new Server(http);
server.on("connection", (socket) => {
  socket.on("close me", () => socket.conn.close());
});
const url = `http://127.0.0.1:${http.address().port}`;
for (const transport of ["websocket", "polling"]) {
  const client = spawn(process.argv[2], ["client.py", url, transport], { stdio: "inherit" });
  await once(client, "exit");
}
process.exit();
JS

cat >client.py <<'PY'
import os
import sys
import threading

import socketio

url, transport = sys.argv[1:]
client = socketio.Client(reconnection_delay=0.2, reconnection_delay_max=0.2)
connects, back = [], threading.Event()


@client.event
def connect():
    connects.append(1)
    if len(connects) == 2:
        back.set()


@client.event
def disconnect(reason):
    print(f"{transport}: {reason}", flush=True)


client.connect(url, transports=[transport])
client.emit("close me")
# Twenty-five times the delay before it tries.
print(f"{transport}: {'back' if back.wait(5) else 'not back'}", flush=True)
os._exit(0)
PY

same_as_seen node server.mjs "$python" <<'SEEN'
websocket: transport error
websocket: back
polling: server disconnect
polling: not back
SEEN

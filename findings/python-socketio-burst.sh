#!/bin/sh
# Guess: A burst of thirty small events to a client that polls comes in one or two answers. Both libraries speak
#   the same protocol, which has no bound on the packets in an answer but `maxPayload` bytes.
# With: socket.io 4.8.4; python-socketio 5.18.1, requests 2.32.5, websocket-client 1.9.0
# Seen: The server puts all that waits into one answer. The Python client takes at most 16 packets from an answer: at
#   more it ends the connection with a transport error, and every event of that answer is lost. Ten come whole.
# Matters: A quiet bot works for weeks, and the first busy minute cuts it off and costs it just those messages. A
#   server should put at most 16 packets into an answer; a client can raise
#   `engineio.payload.Payload.max_decode_packets`.
. "$(dirname "$0")/lib/finding.sh"
npm_packages socket.io@4.8.4
pip_packages python-socketio==5.18.1 requests==2.32.5 websocket-client==1.9.0

cat >server.mjs <<'JS'
import { createServer } from "node:http";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { Server } from "socket.io";

const http = createServer().listen(0, "127.0.0.1");
await once(http, "listening");
const server = new Server(http);
server.on("connection", (socket) => {
  socket.on("burst", (count) => {
    for (let number = 0; number < count; number += 1) socket.emit("message", number);
  });
});
const url = `http://127.0.0.1:${http.address().port}`;
for (const count of ["10", "30"]) {
  const client = spawn(process.argv[2], ["client.py", url, count], { stdio: "inherit" });
  await once(client, "exit");
}
process.exit();
JS

cat >client.py <<'PY'
import os
import sys
import threading

import socketio

url, count = sys.argv[1], int(sys.argv[2])
client = socketio.Client(reconnection=False)
got, over = [], threading.Event()


@client.on("message")
def message(number):
    got.append(number)
    if len(got) == count:
        over.set()


@client.event
def disconnect(reason):
    print(f"burst of {count}: {reason}", flush=True)
    over.set()


client.connect(url, transports=["polling"])
client.emit("burst", count)
over.wait(10)
if len(got) == count:
    print(f"burst of {count}: all came", flush=True)
elif len(got) <= 1:
    print(f"burst of {count}: at most one came", flush=True)
os._exit(0)
PY

same_as_seen node server.mjs "$python" <<'SEEN'
burst of 10: all came
burst of 30: transport error
burst of 30: at most one came
SEEN

#!/bin/sh
# Guess: One would expect a subscription of graphql-ws to outlive a 1011 ("internal error"): the fault is the
#   server's and may pass, as with 1012 and 1013. At the least `shouldRetry` has the last word.
# With: graphql-ws 6.4.2, graphql 16.15.0, ws 8.23.0
# Seen: 1011 is final, and so are 1003, 1008 and 1009: the subscription ends with the close event as its error
#   after one connection, and `shouldRetry: () => true` is never asked. 1012, 1013 and 4000 are tried again; so
#   is 1000, the ordinary "we are done".
# Matters: Many servers close with 1011 when a handler throws, and with 1008 when a member sends too fast. A page
#   that counts on the client's retries goes silent then. Such a server closes with 1013 or a code of its own, or
#   the page subscribes anew in the `error` of its sink.
. "$(dirname "$0")/lib/finding.sh"
npm_packages graphql-ws@6.4.2 graphql@16.15.0 ws@8.23.0

cat >main.mjs <<'JS'
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "graphql-ws";
import { WebSocket, WebSocketServer } from "ws";

const until = async (true_now) => {
  while (!true_now()) await sleep(10);
};

/** Closes the first subscription's connection with a code, and tells what became of the subscription. */
async function close(code) {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    handleProtocols: () => "graphql-transport-ws",
  });
  await until(() => server.address());
  let connections = 0;
  server.on("connection", (peer) => {
    const first = ++connections === 1;
    peer.on("message", (data) => {
      const { type } = JSON.parse(String(data));
      if (type === "connection_init") peer.send('{"type":"connection_ack"}');
      if (type === "subscribe" && first) setTimeout(() => peer.close(code), 50);
    });
  });
  let asked = 0;
  const client = createClient({
    url: `ws://127.0.0.1:${server.address().port}`,
    webSocketImpl: WebSocket,
    retryAttempts: 5,
    retryWait: () => sleep(50),
    shouldRetry: () => {
      asked += 1;
      return true;
    },
  });
  let state = "goes on";
  client.subscribe(
    { query: "subscription { message }" },
    {
      next() {},
      error: (event) => (state = `error ${event.code}`),
      complete: () => (state = "complete"),
    },
  );
  await sleep(1200);
  return `${code}: ${state}, connections: ${connections}, shouldRetry asked: ${asked}`;
}

console.log((await Promise.all([1000, 1003, 1008, 1009, 1011, 1012, 1013, 4000].map(close))).join("\n"));
process.exit();
JS

same_as_seen node main.mjs <<'SEEN'
1000: goes on, connections: 2, shouldRetry asked: 0
1003: error 1003, connections: 1, shouldRetry asked: 0
1008: error 1008, connections: 1, shouldRetry asked: 0
1009: error 1009, connections: 1, shouldRetry asked: 0
1011: error 1011, connections: 1, shouldRetry asked: 0
1012: goes on, connections: 2, shouldRetry asked: 1
1013: goes on, connections: 2, shouldRetry asked: 1
4000: goes on, connections: 2, shouldRetry asked: 1
SEEN

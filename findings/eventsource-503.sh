#!/bin/sh
# Guess: One would expect a client for server-sent events to come back by itself from whatever a deploy does to
#   it: a stream that ends, or a 503 with `Retry-After` from the proxy while the new process starts.
# With: eventsource 4.1.1, @microsoft/fetch-event-source 2.0.1
# Seen: The two have opposite holes. `eventsource` comes back after a stream that ends, with its last id, but
#   any other status than 200 is final: after one 503 (or 429, or 502) it is closed for good.
#   `fetch-event-source` comes back after a 503 or 429, but a stream that ends in order counts as done: its
#   promise resolves and no second request is made.
# Matters: A page that leaves the coming back to the client goes silent after a deploy, and which part of
#   the deploy it is depends on the library. Watch for `readyState` CLOSED with the first, throw in `onclose`
#   with the second.
. "$(dirname "$0")/lib/finding.sh"
npm_packages eventsource@4.1.1 @microsoft/fetch-event-source@2.0.1

cat >main.mjs <<'JS'
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { EventSource } from "eventsource";

// The second library is made for pages: it asks for these.
globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };

const until = async (true_now) => {
  while (!true_now()) await sleep(10);
};

/** Answers the first request with `first`, the second with `second`, all others with a stream that stays. */
async function serve(first, second) {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(request.headers["last-event-id"] ?? "none");
    const answer = [first, second][requests.length - 1] ?? "stays";
    if (typeof answer === "number") {
      response.writeHead(answer, { "retry-after": "1" }).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`retry: 100\nid: ${requests.length}\ndata: hello\n\n`);
    if (answer === "ends") setTimeout(() => response.end(), 50);
  }).listen(0, "127.0.0.1");
  await until(() => server.address());
  return { url: `http://127.0.0.1:${server.address().port}/`, requests };
}

async function eventsource(first, second) {
  const { url, requests } = await serve(first, second);
  const source = new EventSource(url);
  await sleep(2500);
  const state = ["CONNECTING", "OPEN", "CLOSED"][source.readyState];
  source.close();
  console.log(`eventsource: ${first}, then ${second}: ${requests.length} requests, ${state}`);
}

async function fetched(first, second, more) {
  const { url, requests } = await serve(first, second);
  const stop = new AbortController();
  let state = "at it";
  fetchEventSource(url, { signal: stop.signal, openWhenHidden: true, ...more }).then(
    () => (state = "resolved"),
    (error) => (state = `rejected, ${error.message}`),
  );
  await sleep(2500);
  const how = more ? ` (${Object.keys(more)} throws)` : "";
  console.log(`fetch-event-source: ${first}, then ${second}: ${requests.length} requests, ${state}${how}`);
  stop.abort();
}

await eventsource("ends", "stays");
for (const status of [503, 429, 502]) await eventsource("ends", status);
await fetched("ends", "stays");
await fetched("ends", "stays", {
  onclose() {
    throw new Error("come back");
  },
});
for (const status of [503, 429]) await fetched(status, "stays");
process.exit();
JS

same_as_seen node main.mjs <<'SEEN'
eventsource: ends, then stays: 2 requests, OPEN
eventsource: ends, then 503: 2 requests, CLOSED
eventsource: ends, then 429: 2 requests, CLOSED
eventsource: ends, then 502: 2 requests, CLOSED
fetch-event-source: ends, then stays: 1 requests, resolved
fetch-event-source: ends, then stays: 2 requests, at it (onclose throws)
fetch-event-source: 503, then stays: 2 requests, at it
fetch-event-source: 429, then stays: 2 requests, at it
SEEN

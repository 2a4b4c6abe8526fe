// A page with the stock socket.io-client, as a browser loads it, at an origin of its own. The page is a driver
// (driver.js): `take` takes commands, `tell` tells what happens.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const PAGE = `<!doctype html><meta charset="utf-8"><title>io()</title><script type="module">
import { client } from "/client.js";
import { io } from "/socket.io.js";
const bytes = (base64) => Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
window.take = client(io, window.tell, bytes);
</script>`;

const file = (path) => () => readFile(new URL(path, import.meta.url));
const FILES = {
  "/": ["text/html", () => PAGE],
  "/client.js": ["text/javascript", file("../client.js")],
  "/socket.io.js": [
    "text/javascript",
    file("../node_modules/socket.io-client/dist/socket.io.esm.min.js"),
  ],
};

const site = createServer(async ({ url }, answer) => {
  const [type, body] = FILES[url] ?? ["text/plain", () => "there is no such page"];
  answer.writeHead(url in FILES ? 200 : 404, { "Content-Type": type });
  answer.end(await body());
});
site.listen(0, "127.0.0.1");
await once(site, "listening");
// No test waits for it.
site.unref();

/** Where the page is. */
export const ORIGIN = `http://127.0.0.1:${site.address().port}`;

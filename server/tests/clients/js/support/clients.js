// The clients that people have, and how a driver of each is started.

import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { page } from "./browser.js";
import { start, TARGET } from "./server.js";

const here = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const python = join(TARGET, "clients-venv/bin/python");

/** A driver in a process of its own: commands and news are lines. */
const program =
  (file, ...args) =>
  (take) => {
    const child = start(file, args, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface(child.stdout).on("line", (line) => take(JSON.parse(line)));
    return {
      tell: (command) => child.stdin.write(`${JSON.stringify(command)}\n`),
      end: () => child.kill("SIGKILL"),
    };
  };

const TRANSPORTS = ["polling", "websocket", "upgrade"];
const CLOSES_FIRST = "it closes the WebSocket before its queue is sent: wait for the acks";
/** It comes back by a `join`, which replays no more than this. It may be away for more than the default. */
const REJOINS = { settings: { MARU_CHAT__MAX_REPLAY: "10000" } };
const rust = (name) => ({
  start: program(join(TARGET, "debug", `drive-${name}`)),
  transports: TRANSPORTS,
  inFlight: 1,
  randomAcks: "its ack ids are random: with many in flight an ack can be that of another request",
  noNestedBinary: "its payload is either binary or JSON",
});

/**
 * What each can't do has its reason:
 * `inFlight`, `randomAcks`: most requests that wait for their acks at once, where it is bounded.
 * `unordered`: handlers are not called in the order of the events.
 * `noNestedBinary`: no binary value can stand inside an object.
 * `cutsOff`: what is emitted right before a `disconnect` does not go out, by transport.
 * `recovers`: it comes back by itself and says so.
 * `settings`: what a server needs that it comes back to.
 */
export const CLIENTS = [
  {
    name: "socket.io-client",
    start: program(process.execPath, here("js/driver.js")),
    transports: TRANSPORTS,
    recovers: true,
  },
  { name: "socket.io-client in Chromium", start: page, transports: TRANSPORTS, recovers: true },
  {
    name: "python-socketio Client",
    start: program(python, here("python/sync_driver.py")),
    transports: TRANSPORTS,
    unordered: "it calls each handler in a thread of its own",
    cutsOff: { websocket: CLOSES_FIRST, upgrade: CLOSES_FIRST },
  },
  {
    name: "python-socketio AsyncClient",
    start: program(python, here("python/async_driver.py")),
    transports: TRANSPORTS,
    cutsOff: { websocket: CLOSES_FIRST, upgrade: CLOSES_FIRST },
  },
  { name: "rust_socketio, asynchronous", ...rust("rust_socketio") },
  { name: "rust_socketio, synchronous", ...rust("rust_socketio-sync"), ...REJOINS },
  {
    name: "tf-rust-socketio, asynchronous",
    ...rust("tf-rust-socketio"),
    unordered: "it calls each handler in a task of its own",
  },
  { name: "tf-rust-socketio, synchronous", ...rust("tf-rust-socketio-sync"), ...REJOINS },
];

// The driver of socket.io-client: what ../README.md calls a driver, for the stock client of Node.

import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const TRANSPORTS = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: ["polling", "websocket"],
};
let socket;

/** `{"$bytes": base64}` is a Buffer. */
function revive(value) {
  if (Array.isArray(value)) return value.map(revive);
  if (value === null || typeof value !== "object") return value;
  if (typeof value.$bytes === "string") return Buffer.from(value.$bytes, "base64");
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revive(inner)]));
}

const COMMANDS = {
  connect({ url, transport, auth }) {
    socket = io(url, {
      transports: TRANSPORTS[transport],
      auth,
      reconnectionDelay: 100,
      reconnectionDelayMax: 500,
      forceNew: true,
    });
    // As early as there is a session: the upgrade can be done before the namespace is connected.
    socket.io.on("open", () => {
      socket.io.engine.once("upgrade", () => tell({ is: "upgraded" }));
    });
    socket.on("connect", () => tell({ is: "connected", recovered: socket.recovered }));
    socket.on("connect_error", ({ message, data }) => tell({ is: "refused", message, data }));
    socket.on("disconnect", (why) => tell({ is: "disconnected", why }));
    socket.onAny((name, ...args) => tell({ is: "event", name, args }));
  },
  emit({ emits, disconnect }) {
    for (const { name, args, ack } of emits) {
      const last = ack === undefined ? [] : [(...answer) => tell({ is: "ack", ack, args: answer })];
      socket.emit(name, ...revive(args), ...last);
    }
    if (disconnect) socket.disconnect();
  },
};

createInterface(process.stdin)
  .on("line", (line) => {
    const command = JSON.parse(line);
    COMMANDS[command.do](command);
  })
  .on("close", () => process.exit(0));

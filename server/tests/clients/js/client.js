// What a driver of socket.io-client does, in Node and in a page: see support/driver.js.

const TRANSPORTS = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: ["polling", "websocket"],
};

/**
 * Returns what takes a driver's commands.
 * @param io the client
 * @param tell takes what happens
 * @param bytes makes a binary value of base64
 */
export function client(io, tell, bytes) {
  let socket;

  function revive(value) {
    if (Array.isArray(value)) return value.map(revive);
    if (value === null || typeof value !== "object") return value;
    if (typeof value.$bytes === "string") return bytes(value.$bytes);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revive(inner)]));
  }

  const commands = {
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
        const last =
          ack === undefined ? [] : [(...answer) => tell({ is: "ack", ack, args: answer })];
        socket.emit(name, ...revive(args), ...last);
      }
      if (disconnect) socket.disconnect();
    },
  };
  return (command) => commands[command.do](command);
}

// ws: join the room that the path names, repeat each text to the room.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const port = Number(process.argv[2]);
const rooms = new Map();
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });

sockets.on("connection", (socket, request) => {
  const room = request.url.slice(request.url.lastIndexOf("/") + 1);
  let members = rooms.get(room);
  if (members === undefined) rooms.set(room, (members = new Set()));
  members.add(socket);
  socket.on("message", (text) => {
    // The bytes as they came: nothing is encoded again.
    for (const member of members) member.send(text, { binary: false });
  });
  socket.on("close", () => members.delete(socket));
  // A connection that broke concerns nobody else; `close` follows.
  socket.on("error", () => {});
});

server.listen(port, "127.0.0.1");

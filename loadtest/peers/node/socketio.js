// socket.io with its in-memory adapter: join a room, repeat what is said to the room.
import { createServer } from "node:http";
import { Server } from "socket.io";

const port = Number(process.argv[2]);
const server = createServer();
const io = new Server(server, {
  transports: ["polling", "websocket"],
  perMessageDeflate: false,
  httpCompression: false,
  serveClient: false,
});

// Its documentation's advice for many connections: the handshake's request is not kept.
io.engine.on("connection", (connection) => {
  connection.request = null;
});

io.on("connection", (socket) => {
  socket.on("join", (room) => {
    socket.join(room);
    socket.on("say", (entry) => io.to(room).emit("entry", entry));
    socket.emit("joined");
  });
});

server.listen(port, "127.0.0.1");

import { io } from "socket.io-client";

const server = new URLSearchParams(location.search).get("server") ?? "http://127.0.0.1:8080";
const [status, messages, form, text] = ["status", "messages", "form", "text"].map((id) =>
  document.getElementById(id),
);

// With `recover` a page that lost its connection gets what it missed.
const socket = io(server, { auth: { recover: true } });

socket.on("connect", () => (status.textContent = "Connected"));
socket.on("disconnect", () => (status.textContent = "Connecting again…"));
socket.on("connect_error", ({ message }) => (status.textContent = `Not connected: ${message}`));
socket.on("error", ({ message }) => (status.textContent = message));

socket.on("chat message", (said) => {
  const item = document.createElement("li");
  item.textContent = said;
  messages.append(item);
  item.scrollIntoView();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  socket.emit("chat message", text.value);
  form.reset();
});

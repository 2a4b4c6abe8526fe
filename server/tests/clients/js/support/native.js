// Somebody who speaks maru.v1 (PROTOCOL.md) over a plain WebSocket: the other end of a conversation.

import { randomUUID } from "node:crypto";
import { until } from "./until.js";

export class Native {
  #socket;
  #next = 1;
  #waiting = new Map();
  /** The entries that came, in the order in which they came. */
  entries = [];
  /** Takes each entry that comes. */
  onEntry = (entry) => this.entries.push(entry);
  ticket = "";
  token = "";

  /** As a new guest of that name, or as the person of a token: nobody else has their name. */
  static async connect(server, name, token) {
    const native = new Native();
    const socket = new WebSocket(`${server.http.replace("http", "ws")}/ws`);
    native.#socket = socket;
    await new Promise((opened, failed) => {
      socket.addEventListener("open", opened);
      socket.addEventListener("error", () => failed(new Error("no native connection")));
    });
    const welcomed = new Promise((answered) => native.#waiting.set("welcome", answered));
    socket.addEventListener("message", ({ data }) => native.#take(JSON.parse(data)));
    native.#tell({ type: "hello", version: 1, ...(token ? { token } : { name }) });
    ({ ticket: native.ticket, token: native.token } = await welcomed);
    return native;
  }

  /** Enters a room, making it when it is not there. */
  async enter(room) {
    await this.ask({ type: "create", room });
    await this.ask({ type: "join", room });
  }

  /** Says these, in this order; returns when all are in the log. */
  async say(room, bodies) {
    const sent = bodies.map((body) => this.ask({ type: "send", room, id: randomUUID(), body }));
    for (const answer of await Promise.all(sent)) {
      if (answer.type !== "sent") throw new Error(`not sent: ${JSON.stringify(answer)}`);
    }
  }

  /** Waits until so many entries came. */
  async hears(count) {
    await until(
      `the native client has ${count} entries`,
      () => this.entries.length >= count,
      () => `(it has ${this.entries.length})`,
    );
  }

  ask(frame) {
    const ref = this.#next++;
    const answered = new Promise((answer) => this.#waiting.set(ref, answer));
    this.#tell({ ...frame, ref });
    return answered;
  }

  close() {
    this.#socket.close();
  }

  #tell(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  #take(frame) {
    if (frame.type === "entry") this.onEntry(frame);
    const key = frame.type === "welcome" ? "welcome" : frame.ref;
    this.#waiting.get(key)?.(frame);
    this.#waiting.delete(key);
  }
}

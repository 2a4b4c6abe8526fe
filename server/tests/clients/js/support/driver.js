// A driver: a small program around one client of Socket.IO that the tests steer. They write commands to it, it
// writes what happens, each as a line of JSON:
//
//   {"do": "connect", url, transport, auth}    {"is": "connected", recovered?}, {"is": "upgraded"}
//                                              {"is": "refused", data?}, {"is": "disconnected", why}
//   {"do": "emit", emits: [{name, args, ack?}], disconnect?}
//                                              {"is": "ack", ack, args}, {"is": "event", name, args}
//
// `{"$bytes": base64}` among the arguments is a binary value. With `recover` in `auth` a driver does what its
// client's documentation says, so that it comes back with its `pid` and `offset`.

import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { start, TARGET } from "./server.js";
import { until } from "./until.js";

const here = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const python = join(TARGET, "clients-venv/bin/python");

const CLOSES_FIRST = "it closes the WebSocket before its queue is sent: wait for the acks";

/**
 * The clients, and what each can't do, with the reason:
 * `inFlight`, `randomAcks`: most requests that wait for their acks at once, where it is bounded.
 * `unordered`: handlers are not called in the order of the events.
 * `noNestedBinary`: no binary value can stand inside an object.
 * `cutsOff`: what is emitted right before a `disconnect` does not go out, by transport.
 */
export const CLIENTS = [
  {
    name: "socket.io-client",
    program: [process.execPath, here("js/driver.js")],
    transports: ["polling", "websocket", "upgrade"],
  },
  {
    name: "python-socketio Client",
    program: [python, here("python/sync_driver.py")],
    transports: ["polling", "websocket", "upgrade"],
    unordered: "it calls each handler in a thread of its own",
    cutsOff: { websocket: CLOSES_FIRST, upgrade: CLOSES_FIRST },
  },
  {
    name: "python-socketio AsyncClient",
    program: [python, here("python/async_driver.py")],
    transports: ["polling", "websocket", "upgrade"],
    cutsOff: { websocket: CLOSES_FIRST, upgrade: CLOSES_FIRST },
  },
  ...["rust_socketio", "tf-rust-socketio"].map((name) => ({
    name,
    rust: true,
    program: [join(TARGET, "debug", `drive-${name}`)],
    transports: ["polling", "websocket", "upgrade"],
    inFlight: 1,
    randomAcks: "its ack ids are random: with many in flight an ack can be that of another request",
    noNestedBinary: "its payload is either binary or JSON",
    ...(name.startsWith("tf") && { unordered: "it calls each handler in a task of its own" }),
  })),
];

let acks = 0;

export class Driver {
  #child;
  #inFlight;
  #told = [];
  acks = new Map();
  /** What came in, in order. */
  events = [];

  static start(client) {
    const [program, ...args] = client.program;
    const driver = new Driver();
    driver.#inFlight = client.inFlight ?? Infinity;
    const child = start(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    driver.#child = child;
    createInterface(child.stdout).on("line", (line) => driver.#take(JSON.parse(line)));
    return driver;
  }

  /** Connects, and waits until it is. */
  async connect(server, transport, auth) {
    this.#tell({ do: "connect", url: server.http, transport, auth });
    return this.next("connected");
  }

  /** As `connect`, for one that is to be refused. */
  async refused(server, transport, auth) {
    this.#tell({ do: "connect", url: server.http, transport, auth });
    return this.next("refused");
  }

  /** Waits until it told this once more than the last time it was asked about. */
  async next(what) {
    await until(
      `the client is ${what}`,
      () => this.#told.some((news) => news.is === what),
      () => JSON.stringify(this.#told),
    );
    const [news] = this.#told.splice(
      this.#told.findIndex((news) => news.is === what),
      1,
    );
    return news;
  }

  /** Whether it told this since it was asked about the last time. */
  told(what) {
    return this.#told.some((news) => news.is === what);
  }

  /** Asks one thing, and returns the answer. */
  async ask(name, ...args) {
    const [answer] = await this.askAll([[name, ...args]]);
    return answer;
  }

  /** Asks all of these, as many at once as the client can. Returns the answers in the order of the questions. */
  async askAll(questions) {
    const waiting = questions.map(([name, ...args]) => ({ name, args, ack: acks++ }));
    const numbers = waiting.map(({ ack }) => ack);
    while (waiting.length > 0) {
      const emits = waiting.splice(0, this.#inFlight);
      this.#tell({ do: "emit", emits });
      const last = emits.at(-1).ack;
      if (waiting.length > 0) await until("there is an ack", () => this.acks.has(last));
    }
    await until(
      "all acks are there",
      () => numbers.every((ack) => this.acks.has(ack)),
      () => `(${numbers.filter((ack) => this.acks.has(ack)).length} of ${numbers.length} are)`,
    );
    return numbers.map((ack) => this.acks.get(ack)[0]?.[0]);
  }

  /** Asks all of these at once and goes on; returns the numbers of their acks. */
  begin(questions) {
    const emits = questions.map(([name, ...args]) => ({ name, args, ack: acks++ }));
    this.#tell({ do: "emit", emits });
    return emits.map(({ ack }) => ack);
  }

  /** Emits without acks; ends the connection at once when `disconnect` says so. */
  emit(events, disconnect = false) {
    this.#tell({
      do: "emit",
      emits: events.map(([name, ...args]) => ({ name, args })),
      disconnect,
    });
  }

  /** The arguments of the events of this name that came. */
  got(name) {
    return this.events.filter((event) => event.name === name).map(({ args }) => args);
  }

  /** The entries that came. */
  get entries() {
    return this.got("entry").map(([entry]) => entry);
  }

  /** Waits until so many events of this name came. */
  async hears(name, count) {
    await until(
      `the client has ${count} times ${name}`,
      () => this.got(name).length >= count,
      () => `(it has ${this.got(name).length})`,
    );
  }

  end() {
    this.#child.kill("SIGKILL");
  }

  #tell(command) {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  #take(news) {
    if (news.is === "event") this.events.push(news);
    else if (news.is === "ack") {
      // Each is one answer: a second one to the same question would show.
      this.acks.set(news.ack, [...(this.acks.get(news.ack) ?? []), news.args]);
    } else this.#told.push(news);
  }
}

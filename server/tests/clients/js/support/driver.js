// A driver: a small program around one client of Socket.IO that the tests steer. It takes commands, and tells what
// happens; between processes each is a line of JSON:
//
//   {"do": "connect", url, transport, auth}    {"is": "connected", recovered?}, {"is": "upgraded"}
//                                              {"is": "refused", data?}, {"is": "disconnected", why}
//   {"do": "emit", emits: [{name, args, ack?}], disconnect?}
//                                              {"is": "ack", ack, args}, {"is": "event", name, args}
//
// `{"$bytes": base64}` among the arguments is a binary value. With `recover` in `auth` a driver does what its
// client's documentation says, so that it comes back with its `pid` and `offset`.

import { until } from "./until.js";

let acks = 0;

export class Driver {
  #program;
  #inFlight;
  #told = [];
  acks = new Map();
  /** What came in, in order; of it, the entries. */
  events = [];
  entries = [];

  static start(client) {
    const driver = new Driver();
    driver.#inFlight = client.inFlight ?? Infinity;
    driver.#program = client.start((news) => driver.#take(news));
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

  /** Waits until so many events of this name came. */
  async hears(name, count) {
    await until(
      `the client has ${count} times ${name}`,
      () => this.got(name).length >= count,
      () => `(it has ${this.got(name).length})`,
    );
  }

  end() {
    this.#program.end();
  }

  #tell(command) {
    this.#program.tell(command);
  }

  #take(news) {
    if (news.is === "event") {
      this.events.push(news);
      if (news.name === "entry") this.entries.push(news.args[0]);
    } else if (news.is === "ack") {
      // Each is one answer: a second one to the same question would show.
      this.acks.set(news.ack, [...(this.acks.get(news.ack) ?? []), news.args]);
    } else this.#told.push(news);
  }
}

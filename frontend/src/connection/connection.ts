import { decode } from "../protocol/decode";
import { encode } from "../protocol/encode";
import type { Answer, Incoming, Server } from "../protocol/frames";
import { BYE_RETRYABLE, VERSION } from "../protocol/generated";
import type { ClientFrame } from "../protocol/generated";
import { backoff } from "./backoff";
import { Heartbeat } from "./heartbeat";
import type { Clock, OpenSocket, Random, Socket, Timer } from "./ports";
import { failureOf, Requests } from "./requests";
import type { Failure, Outcome } from "./requests";

export type State =
  /** Not asked to connect: before the first name, or after `close`. */
  | { is: "idle" }
  | { is: "connecting" }
  /** The socket is open, `hello` is said. */
  | { is: "greeting" }
  /** `silent` while the server is asked whether it is there, and doesn't answer. */
  | { is: "open"; silent?: boolean }
  /** Lost; the next attempt comes by itself at `retryAt`. */
  | { is: "waiting"; retryAt: number; attempt: number }
  /** The server said not to come back, or the address can't work: only a person can go on. */
  | { is: "stopped"; why: string; message: string };

export interface Credentials {
  token?: string;
  name?: string;
}

type Body<F> = F extends { ref: number } ? Omit<F, "ref"> : never;
/** A request without its `ref`, which the connection chooses. */
export type Request = Body<ClientFrame>;
/** Frames that nothing answers. */
export type Notice = Extract<ClientFrame, { type: "typing" | "read" }>;
/** Which frame answers which request. */
export interface Answers {
  join: Extract<Answer, { type: "joined" }>;
  leave: Server<"ok">;
  create: Server<"ok">;
  send: Server<"sent">;
  edit: Server<"sent">;
  delete: Server<"sent">;
  react: Server<"sent">;
  pin: Server<"sent">;
  topic: Server<"sent">;
  pinned: Server<"pinned">;
  own_reactions: Server<"own_reactions">;
  unread: Server<"unread">;
  members: Server<"members">;
  search: Server<"results">;
  history: Extract<Answer, { type: "page" }>;
  rooms: Server<"rooms">;
}

export interface Hooks {
  /** Who to say hello as; null when nobody is known yet. */
  credentials(): Credentials | null;
  /** The hello was refused: `true` to say it again with what `credentials` gives now. */
  refused(failure: Failure): boolean;
  state(state: State): void;
  /** The first frame of every connection; before it nothing else comes. */
  welcome(frame: Server<"welcome">): void;
  /** Everything that answers no request. */
  frame(frame: Incoming): void;
  /** The server said something this client can't read. */
  problem(what: string): void;
}

/** Opening and greeting together may take this long. */
export const OPEN_TIMEOUT_MS = 10_000;
/** A connection that lived this long was a good one: the next loss starts from fast retries. */
export const STABLE_MS = 5_000;
/** Refusals of a hello that other credentials can mend. */
const ABOUT_CREDENTIALS: ReadonlySet<string> = new Set([
  "invalid_token",
  "invalid_name",
  "name_taken",
]);
/** Refusals of one connection's hello before it is given up. */
const MAX_HELLOS = 3;

/** One way to the server that mends itself. No I/O and no clock of its own. */
export class Connection {
  private now = { is: "idle" } as State;
  private socket: Socket | undefined;
  private timer: Timer | undefined;
  private attempt = 0;
  private hellos = 0;
  private openedAt = 0;
  private bye: { retryAfter: number | undefined } | undefined;
  private readonly requests: Requests;
  private readonly heartbeat: Heartbeat;

  constructor(
    private readonly openSocket: OpenSocket,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly hooks: Hooks,
  ) {
    this.requests = new Requests(clock, () => this.heartbeat.probe());
    this.heartbeat = new Heartbeat(
      clock,
      () => this.write({ type: "ping" }),
      (silent) => this.enter({ is: "open", silent }),
      () => this.lost(),
    );
  }

  get state(): State {
    return this.now;
  }

  /** Connects, at once also when a retry was due later. No-op while connected or connecting. */
  connect(): void {
    if (this.socket !== undefined) return;
    this.open();
  }

  /** Drops what is there and connects anew: another name, another token. */
  reconnect(): void {
    this.dropSocket();
    this.attempt = 0;
    this.open();
  }

  close(): void {
    this.dropSocket();
    this.attempt = 0;
    this.enter({ is: "idle" });
  }

  /** The network came back or the page woke up: retry now, or ask whether the server is there. */
  nudge(): void {
    if (this.now.is === "waiting") this.open();
    else if (this.now.is === "open") this.heartbeat.probe();
  }

  /** `done` is called exactly once, also when there is no connection. */
  request<T extends Request["type"]>(
    body: Extract<Request, { type: T }>,
    done: (outcome: Outcome<Answers[T]>) => void,
  ): void {
    if (this.now.is !== "open") {
      const failure: Failure = {
        code: "disconnected",
        message: "",
        retryAfter: undefined,
        retryable: true,
      };
      done({ ok: false, failure });
      return;
    }
    const expected = ANSWER_TYPES[body.type];
    const ref = this.requests.add((outcome) => {
      if (outcome.ok && outcome.frame.type !== expected) {
        this.hooks.problem(`${body.type} answered by ${outcome.frame.type}`);
        const failure: Failure = {
          code: "other",
          message: "",
          retryAfter: undefined,
          retryable: false,
        };
        done({ ok: false, failure });
        return;
      }
      done(outcome as Outcome<Answers[T]>);
    });
    this.write({ ...body, ref });
  }

  notify(frame: Notice): void {
    if (this.now.is === "open") this.write(frame);
  }

  private open(): void {
    this.timer?.cancel();
    if (this.hooks.credentials() === null) {
      this.enter({ is: "idle" });
      return;
    }
    this.enter({ is: "connecting" });
    this.bye = undefined;
    this.hellos = 0;
    this.timer = this.clock.after(OPEN_TIMEOUT_MS, () => this.lost());
    try {
      this.socket = this.openSocket({
        open: () => this.hello(),
        message: (data) => this.receive(data),
        close: () => {
          this.socket = undefined;
          this.lost();
        },
      });
    } catch (error) {
      this.stop("address", error instanceof Error ? error.message : String(error));
    }
  }

  private hello(): void {
    const credentials = this.hooks.credentials();
    if (credentials === null) {
      this.close();
      return;
    }
    this.enter({ is: "greeting" });
    this.hellos += 1;
    this.write({ type: "hello", version: VERSION, ...credentials });
  }

  private receive(data: unknown): void {
    const decoded = decode(data);
    if (!decoded.ok) {
      this.hooks.problem(decoded.problem);
      return;
    }
    const { frame } = decoded;
    if (frame.type === "bye") {
      this.heed(frame);
      return;
    }
    const { is } = this.now;
    if (is === "greeting") this.greet(frame);
    else if (is === "open") this.dispatch(frame);
  }

  private greet(frame: Incoming): void {
    if (frame.type === "welcome") {
      this.timer?.cancel();
      this.openedAt = this.clock.now();
      this.enter({ is: "open" });
      this.heartbeat.start(frame.heartbeat);
      this.hooks.welcome(frame);
    } else if (frame.type === "error") {
      this.refuse(failureOf(frame));
    }
  }

  private refuse(failure: Failure): void {
    if (failure.retryable) {
      this.bye = { retryAfter: failure.retryAfter };
      this.lost();
      return;
    }
    const aboutWho = ABOUT_CREDENTIALS.has(failure.code);
    if (aboutWho && !this.hooks.refused(failure)) this.close();
    else if (!aboutWho || this.hellos >= MAX_HELLOS) this.stop(failure.code, failure.message);
    else this.hello();
  }

  private dispatch(frame: Incoming): void {
    this.heartbeat.heard();
    if ("ref" in frame) {
      if (this.requests.settle(frame as Answer)) return;
      // Too late: its timeout came first. What it told comes again with the retry.
      if (frame.type !== "error") return;
    }
    this.hooks.frame(frame);
  }

  private heed(frame: Extract<Incoming, { type: "bye" }>): void {
    const retry =
      frame.code === "other" ? frame.retry_after !== undefined : BYE_RETRYABLE[frame.code];
    if (!retry) {
      this.stop(frame.code, frame.reason);
      return;
    }
    // The server drains and closes; what it still sends counts, so the socket stays until then.
    this.bye = { retryAfter: frame.retry_after };
  }

  private lost(): void {
    const stable = this.now.is === "open" && this.clock.now() - this.openedAt >= STABLE_MS;
    const bye = this.bye;
    this.dropSocket();
    this.attempt = stable ? 1 : this.attempt + 1;
    const wait = bye?.retryAfter ?? backoff(this.attempt, this.random);
    this.enter({ is: "waiting", retryAt: this.clock.now() + wait, attempt: this.attempt });
    this.timer = this.clock.after(wait, () => this.open());
  }

  private stop(why: string, message: string): void {
    this.dropSocket();
    this.enter({ is: "stopped", why, message });
  }

  private dropSocket(): void {
    this.timer?.cancel();
    this.heartbeat.stop();
    const socket = this.socket;
    this.socket = undefined;
    this.bye = undefined;
    socket?.close();
    // What fails now may ask again at once: it must not find a connection that is gone.
    this.now = { is: "idle" };
    this.requests.failAll();
  }

  private write(frame: ClientFrame): void {
    this.socket?.send(encode(frame));
  }

  private enter(state: State): void {
    this.now = state;
    this.hooks.state(state);
  }
}

const ANSWER_TYPES: Readonly<{ [T in keyof Answers]: Answers[T]["type"] }> = {
  join: "joined",
  leave: "ok",
  create: "ok",
  send: "sent",
  edit: "sent",
  delete: "sent",
  react: "sent",
  pin: "sent",
  topic: "sent",
  pinned: "pinned",
  own_reactions: "own_reactions",
  unread: "unread",
  members: "members",
  search: "results",
  history: "page",
  rooms: "rooms",
};

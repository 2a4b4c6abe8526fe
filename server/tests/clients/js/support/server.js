// A server as its operator runs it: a process with settings in its environment.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ORIGIN } from "./site.js";
import { until } from "./until.js";

export const ROOT = fileURLToPath(new URL("../../../../../", import.meta.url));
/** Where everything that is built or installed for the tests lies. */
export const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
const BINARY = join(TARGET, "debug/maru-server");

// A run that is broken off leaves no server behind.
const living = new Set();
process.once("exit", () => living.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** A child that ends with the tests. */
export function start(program, args, options) {
  const child = spawn(program, args, options);
  living.add(child);
  child.once("exit", () => living.delete(child));
  return child;
}

/** The clients here say more at once than people do; some are in a page. */
const SETTINGS = {
  MARU_HTTP__ALLOWED_ORIGINS: ORIGIN,
  MARU_CONNECTION__RATE: "10000",
  MARU_CONNECTION__BURST: "100000",
  MARU_LIMITS__EXEMPT: "127.0.0.0/8",
  MARU_METRICS__ENABLED: "false",
  // Tests look at what a server has without being anybody there.
  MARU_HTTP__ANONYMOUS_READING: "true",
};

export class Server {
  #folder = mkdtempSync(join(tmpdir(), "maru-clients-"));
  #settings;
  #child;
  /** Everything it logged, over all its lives. */
  log = "";
  http = "";

  /** Starts one on a free port, with an empty data folder and these settings beside the defaults. */
  static async start(settings = {}) {
    if (!existsSync(BINARY)) throw new Error(`there is no ${BINARY}: cargo build -p maru-server`);
    const server = new Server();
    server.#settings = settings;
    await server.restart();
    return server;
  }

  /** `kill -9`. */
  async kill() {
    await this.#end("SIGKILL");
  }

  /** Again on the same port, with the same data. */
  async restart() {
    const child = start(BINARY, [], {
      cwd: this.#folder,
      env: {
        PATH: process.env.PATH,
        MARU_HTTP__PORT: this.http === "" ? "0" : new URL(this.http).port,
        ...SETTINGS,
        ...this.#settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    child.stderr.setEncoding("utf8").on("data", (text) => (this.log += text));
    createInterface(child.stdout).on("line", (line) => {
      const [, address] = /^Server:\s+(http:\/\/\S+)/.exec(line) ?? [];
      if (address !== undefined) this.http = address;
    });
    await until("the server is ready", async () => {
      if (child.exitCode !== null) throw new Error(`the server did not start:\n${this.log}`);
      if (this.http === "") return false;
      return fetch(`${this.http}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      );
    });
  }

  /** A clean stop, and nothing left behind. */
  async stop() {
    await this.#end("SIGTERM");
    rmSync(this.#folder, { recursive: true, force: true });
    if (this.log.includes("panicked")) throw new Error(`the server panicked:\n${this.log}`);
  }

  /** What was said in a room, in order, as its log has it. */
  async said(room) {
    const all = [];
    for (let after = 0; ;) {
      const page = `messages?limit=100&after=${after}`;
      const answer = await fetch(`${this.http}/api/v1/rooms/${encodeURIComponent(room)}/${page}`);
      const { entries } = await answer.json();
      if (entries.length === 0) return all;
      all.push(...entries);
      after = entries.at(-1).seq;
    }
  }

  async #end(signal) {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
    await exited;
    clearTimeout(late);
  }
}

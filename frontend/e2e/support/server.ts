// A server as its operator runs it: a process with settings in its environment.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { until } from "./until.js";

/** The tests run in frontend/. */
export const DIST = resolve("dist");
/** Not a name that begins with MARU_: the server refuses settings it doesn't know. */
const BINARY = resolve(process.env["E2E_SERVER"] ?? "../target/debug/maru-server");

// A run that is broken off leaves no server behind.
const living = new Set<ChildProcess>();
process.once("exit", () => living.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

export interface HistoryEntry {
  seq: number;
  id: string;
  body: string;
  sender: { id: string; name: string };
}

export class Server {
  private readonly folder = mkdtempSync(join(tmpdir(), "maru-e2e-"));
  private child: ChildProcess | undefined;
  /** Everything it logged, over all its lives. */
  log = "";
  http = "";
  frontend = "";

  private constructor(private readonly settings: Readonly<Record<string, string>>) {}

  /** Starts one on free ports, with an empty data folder and these settings beside the defaults. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Server> {
    for (const [what, path] of [
      ["server: cargo build -p maru-server, or set E2E_SERVER", BINARY],
      ["frontend: npm run build", join(DIST, "index.html")],
    ] as const) {
      if (!existsSync(path)) throw new Error(`there is no ${path}; build the ${what}`);
    }
    const server = new Server(settings);
    await server.run();
    return server;
  }

  get webSocket(): string {
    return `${this.http.replace("http", "ws")}/ws`;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Again on the same ports, with the same data. */
  async restart(): Promise<void> {
    await this.run();
  }

  /** A clean stop, and nothing left behind. */
  async stop(): Promise<void> {
    await this.end("SIGTERM");
    rmSync(this.folder, { recursive: true, force: true });
    if (this.log.includes("panicked")) throw new Error(`the server panicked:\n${this.log}`);
  }

  /** A room as its log has it, over HTTP. At most the newest hundred. */
  async history(room: string): Promise<HistoryEntry[]> {
    const address = `${this.http}/api/v1/rooms/${encodeURIComponent(room)}/messages?limit=100`;
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`${address}: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { entries: HistoryEntry[] }).entries;
  }

  /** The ids of all that was said in a room, in order. */
  async ids(room: string): Promise<string[]> {
    const ids: string[] = [];
    for (;;) {
      const page = `messages?limit=100&after=${ids.length}`;
      const answer = await fetch(`${this.http}/api/v1/rooms/${encodeURIComponent(room)}/${page}`);
      const { entries } = (await answer.json()) as { entries: { id: string }[] };
      if (entries.length === 0) return ids;
      ids.push(...entries.map(({ id }) => id));
    }
  }

  private async run(): Promise<void> {
    const port = (address: string) => (address === "" ? "0" : new URL(address).port);
    const child = spawn(BINARY, [], {
      cwd: this.folder,
      env: {
        PATH: process.env["PATH"],
        MARU_HTTP__PORT: port(this.http),
        MARU_FRONTEND__PORT: port(this.frontend),
        MARU_FRONTEND__DIR: DIST,
        MARU_METRICS__ENABLED: "false",
        // Tests look at what a server has without being anybody there.
        MARU_HTTP__ANONYMOUS_READING: "true",
        // All people of a test come from one address, and some say more than people do.
        MARU_LIMITS__EXEMPT: "127.0.0.0/8",
        ...this.settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    living.add(child);
    child.once("exit", () => living.delete(child));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.log += text));
    createInterface(child.stdout).on("line", (line) => {
      const [, what, address] = /^(Server|Frontend):\s+(http:\/\/\S+)/.exec(line) ?? [];
      if (what === "Server" && address !== undefined) this.http = address;
      if (what === "Frontend" && address !== undefined) this.frontend = address;
    });
    await until("the server is ready", async () => {
      if (child.exitCode !== null) throw new Error(`the server did not start:\n${this.log}`);
      if (this.http === "" || this.frontend === "") return false;
      return fetch(`${this.http}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      );
    });
  }

  private async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
    await exited;
    clearTimeout(late);
  }
}

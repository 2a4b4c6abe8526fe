// Where the story plays: a server, the page on a host of its own, and somebody else to talk with.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DIST, Server } from "../support/server.js";
import { Site } from "../support/site.js";
import { Wire } from "../support/wire.js";

/** Seeds faster than a person may talk. */
const FAST = { MARU_CONNECTION__RATE: "10000", MARU_CONNECTION__BURST: "100000" };

/**
 * Every error of the page, also what its policy refuses, is kept over a reload. Not every browser
 * tells its driver of them, so the page does it: the first script of the page is this one.
 */
function watch(): void {
  const keep = (error: unknown) => {
    const kept = JSON.parse(sessionStorage.getItem("errors") ?? "[]") as string[];
    sessionStorage.setItem("errors", JSON.stringify([...kept, String(error)]));
  };
  const { error } = console;

  console.error = (...what: unknown[]) => {
    keep(what.join(" "));
    error(...what);
  };
  addEventListener("error", (event) => keep(event.message));
  addEventListener("unhandledrejection", (event) => keep(event.reason));
  addEventListener("securitypolicyviolation", (event) =>
    keep(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
  );
}

export class Stage {
  private constructor(
    readonly server: Server,
    private host: Site,
    readonly grace: Wire,
  ) {}

  static async build(): Promise<Stage> {
    const site = await Site.start();
    const server = await Server.start({ ...FAST, MARU_HTTP__ALLOWED_ORIGINS: site.address });
    const stage = new Stage(server, site, await Wire.connect(server.webSocket, "Grace"));
    stage.furnish();
    await stage.grace.make("회의");
    return stage;
  }

  get site(): Site {
    return this.host;
  }

  /** Three hundred messages of many heights. */
  async talkLong(room: string): Promise<void> {
    const grace = await Wire.connect(this.server.webSocket, "Grace");
    await grace.enter(room);
    for (let n = 1; n <= 300; n += 25) {
      const lines = Array.from(
        { length: 25 },
        (_, i) => `${n + i} ${"말 ".repeat(((n + i) * 7) % 90)}`,
      );
      await grace.say(room, lines);
    }
    grace.close();
  }

  /** No server, and nobody who serves the page. */
  async leave(): Promise<void> {
    this.host.stop();
    await this.server.kill();
  }

  async comeBack(): Promise<void> {
    this.host = await Site.start(this.port);
    this.furnish();
    await this.server.restart();
  }

  async end(): Promise<void> {
    this.grace.close();
    this.host.stop();
    await this.server.stop();
  }

  private port = 0;

  private furnish(): void {
    const { host } = this;
    this.port = Number(new URL(host.address).port);
    host.config = JSON.stringify({ server: this.server.webSocket });
    const theme = readFileSync(join(DIST, "theme.js"), "utf8");
    host.changed.set("/theme.js", `(${watch.toString()})();\n${theme}`);
  }
}

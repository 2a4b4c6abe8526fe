// A server and its people, and what is kept of them when something fails.

import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";
import { Person } from "./person.js";
import { Proxy } from "./proxy.js";
import { Server } from "./server.js";
import { Site } from "./site.js";
import { Wire } from "./wire.js";

const RESULTS = resolve("test-results");
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};

let browser: Promise<Browser> | undefined;

export function launch(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: FLAGS,
  });
  return browser;
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}

export type Visit = BrowserContextOptions & {
  /** Where the page is; the server's own frontend unless told. */
  at?: string;
};

export class World {
  readonly people: Person[] = [];
  private readonly contexts: BrowserContext[] = [];
  private readonly endings: (() => void | Promise<void>)[] = [];
  private running: Server | undefined;

  get server(): Server {
    if (this.running === undefined) throw new Error("no server was started");
    return this.running;
  }

  async start(settings: Readonly<Record<string, string>> = {}): Promise<Server> {
    const server = await Server.start(settings);
    this.running = server;
    this.endings.push(() => server.stop());
    return server;
  }

  /** The page on a host of its own. */
  async site(port = 0): Promise<Site> {
    const site = await Site.start(port);
    this.endings.push(() => site.stop());
    return site;
  }

  /** A proxy in front of the server. */
  async proxy(): Promise<Proxy> {
    const proxy = await Proxy.start(this.server.http);
    this.endings.push(() => proxy.stop());
    return proxy;
  }

  /** The page on a host of its own, pointed at a server that is started for it. */
  async startApart(): Promise<Site> {
    const site = await this.site();
    const server = await this.start({ MARU_HTTP__ALLOWED_ORIGINS: site.address });
    site.config = JSON.stringify({ server: server.webSocket });
    return site;
  }

  /** Done when the test ends, before what was started earlier does. */
  ends(ending: () => void): void {
    this.endings.push(ending);
  }

  /** Somebody with a browser of their own. */
  async person(name: string, visit: Visit = {}): Promise<Person> {
    const { at, ...options } = visit;
    const context = await (
      await launch()
    ).newContext({
      locale: "en-US",
      viewport: DESKTOP,
      // Nothing slides or fades: what is measured is where it stays.
      reducedMotion: "reduce",
      ...options,
    });
    this.contexts.push(context);
    // What the page's own policy refuses is an error like any other.
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) =>
        console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
      );
    });
    return this.tab(name, context, at ?? this.server.frontend);
  }

  /** Another tab of somebody's browser. */
  async tab(name: string, context: BrowserContext, at = this.server.frontend): Promise<Person> {
    const person = new Person(name, await context.newPage(), at);
    this.people.push(person);
    return person;
  }

  /** Somebody without a page. */
  async guest(name: string): Promise<Wire> {
    const wire = await Wire.connect(this.server.webSocket, name);
    this.endings.push(() => wire.close());
    return wire;
  }

  /** The server goes down and comes back in between: failing to reach it is no error. */
  forgiveNetworkErrors(): void {
    for (const person of this.people) person.forgiveNetworkErrors();
  }

  async keepEvidence(name: string): Promise<string> {
    const folder = join(RESULTS, name.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 80));
    mkdirSync(folder, { recursive: true });
    for (const [index, person] of this.people.entries()) {
      const file = join(folder, `${index + 1}-${person.name}`);
      writeFileSync(`${file}.log`, [...person.console, "", ...person.errors].join("\n"));
      // A page that can't be drawn any more must not hide the failure.
      await person.page.screenshot({ path: `${file}.png`, timeout: 5_000 }).catch(() => undefined);
    }
    if (this.running !== undefined) writeFileSync(join(folder, "server.log"), this.running.log);
    return folder;
  }

  async end(): Promise<void> {
    for (const context of this.contexts) await context.close();
    for (const ending of this.endings.reverse()) await ending();
  }
}

// The page deployed on its own, as by a CDN: it is there when the chat server isn't.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { DIST } from "./server.js";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".png": "image/png",
};

export class Site {
  /** What `config.json` says; null for a file that is missing. */
  config: string | null = null;
  /** Sent with every file. */
  readonly headers: Record<string, string> = {};
  /** Files of the build with another text than they have: a newer version of the page. */
  readonly changed = new Map<string, string>();
  private readonly server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    const path = pathname === "/" ? "/index.html" : pathname;
    const text = path === "/config.json" ? Promise.resolve(this.config) : this.file(path);
    void text.then((body) => {
      response.writeHead(body === null ? 404 : 200, {
        "content-type": TYPES[extname(path)] ?? "text/plain",
        "cache-control": "no-cache",
        ...this.headers,
      });
      response.end(body ?? "");
    });
  });

  /** On a port of its own, or on one where a site was before. */
  static async start(port = 0): Promise<Site> {
    const site = new Site();
    await new Promise<void>((listening) => site.server.listen(port, "127.0.0.1", listening));
    return site;
  }

  private async file(path: string): Promise<Buffer | string | null> {
    return this.changed.get(path) ?? (await file(path));
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

async function file(path: string): Promise<Buffer | null> {
  try {
    return await readFile(join(DIST, path));
  } catch {
    return null;
  }
}

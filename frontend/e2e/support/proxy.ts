// A proxy as somebody sets one up in a hurry: it passes requests on, and no `Upgrade`.

import { createServer, request as ask } from "node:http";
import type { AddressInfo } from "node:net";

export class Proxy {
  /** Passes nothing on: the gateway of a server that is away. */
  away = false;
  private readonly server = createServer((request, response) => {
    if (this.away) {
      response.writeHead(503, { "access-control-allow-origin": "*" }).end();
      return;
    }
    const headers = { ...request.headers };
    delete headers.upgrade;
    headers.connection = "close";
    const passed = ask(new URL(request.url ?? "/", this.target), { headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", () => response.writeHead(502).end());
    request.pipe(passed);
  });

  private constructor(private readonly target: string) {}

  static async start(target: string): Promise<Proxy> {
    const proxy = new Proxy(target);
    await new Promise<void>((listening) => proxy.server.listen(0, "127.0.0.1", listening));
    return proxy;
  }

  get webSocket(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/ws`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

// A way to a server that can be blocked: what is sent is swallowed, and nobody is told.

import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export class Tunnel {
  /** Where what comes in at an end goes to. */
  private readonly ways = new Map<Socket, Socket>();
  private isBlocked = false;
  private readonly server = createServer((near) => {
    const far = connect(Number(new URL(this.target).port), "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.ways.set(from, to);
      from.on("close", () => {
        this.ways.delete(from);
        to.destroy();
      });
      from.on("error", () => undefined);
      if (!this.isBlocked) from.pipe(to);
    }
  });

  private constructor(private readonly target: string) {}

  static async start(target: string): Promise<Tunnel> {
    const tunnel = new Tunnel(target);
    await new Promise<void>((listening) => tunnel.server.listen(0, "127.0.0.1", listening));
    return tunnel;
  }

  get webSocket(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/ws`;
  }

  /** Nothing passes from now on, or everything that was held up does. */
  block(on: boolean): void {
    this.isBlocked = on;
    for (const [from, to] of this.ways) {
      if (on) from.unpipe(to).pause();
      else from.pipe(to);
    }
  }

  stop(): void {
    for (const end of this.ways.keys()) end.destroy();
    this.server.close();
  }
}

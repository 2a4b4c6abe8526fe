// Where files are brought to and fetched from.

import type { ReadonlySignal } from "@preact/signals";
import type { FileInfo } from "../../../protocol/generated";
import { perApp } from "../../context/per-app";

/** So many addresses are remembered: more pictures than anybody scrolls through at once. */
const REMEMBERED = 2_000;

/** The server's address for everything but the socket: `wss://a.example/chat/ws` is at `/chat`. */
export function httpBase(socket: string): string {
  const url = new URL(socket);
  url.protocol = url.protocol === "ws:" ? "http:" : "https:";
  url.pathname = url.pathname.replace(/\/(?:ws\/?)?$/, "");
  url.search = "";
  return url.href.replace(/\/$/, "");
}

export class Addresses {
  private readonly known = new Map<string, { address: string; ticket: string }>();

  constructor(
    private readonly base: string,
    private readonly ticket: ReadonlySignal<string>,
  ) {}

  /**
   * Where a file is shown from. It stays the same while it works, whatever ticket came since: a
   * picture that is drawn again is not loaded again.
   */
  shown(id: string): string {
    const known = this.known.get(id);
    if (known !== undefined) return known.address;
    return this.renewed(id);
  }

  /** With the ticket of now. */
  renewed(id: string): string {
    const ticket = this.ticket.peek();
    const address = this.address(id, ticket);
    if (this.known.size >= REMEMBERED) {
      const [oldest] = this.known.keys();
      if (oldest !== undefined) this.known.delete(oldest);
    }
    this.known.set(id, { address, ticket });
    return address;
  }

  /** Whether it is shown with another ticket than that of now. */
  isStale(id: string): boolean {
    return this.known.get(id)?.ticket !== this.ticket.peek();
  }

  /** For a link that is followed now. */
  linked({ id }: Pick<FileInfo, "id">, download: boolean): string {
    return this.address(id, this.ticket.peek()) + (download ? "&download" : "");
  }

  /** Where a file is brought to. */
  target(room: string, name: string): string {
    return `${this.base}/api/v1/rooms/${encodeURIComponent(room)}/files?name=${encodeURIComponent(name)}`;
  }

  private address(id: string, ticket: string): string {
    return `${this.base}/api/v1/files/${encodeURIComponent(id)}?ticket=${encodeURIComponent(ticket)}`;
  }
}

/** One per page. */
export const addressesOf = perApp(
  ({ server, client }) => new Addresses(httpBase(server), client.ticket),
);

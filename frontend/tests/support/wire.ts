import type { OpenSocket, Socket, SocketEvents } from "../../src/connection/ports";
import type { ClientFrame, ServerFrame } from "../../src/protocol/generated";

type Sent<T extends ClientFrame["type"]> = Extract<ClientFrame, { type: T }>;

/** The server's end of one socket. */
export class Peer implements Socket {
  /** Everything the page sent here, in order. */
  readonly heard: ClientFrame[] = [];
  private inbox: ClientFrame[] = [];
  is: "connecting" | "open" | "closed" = "connecting";

  constructor(private readonly events: SocketEvents) {}

  // What the page calls.

  send(text: string): void {
    if (this.is === "connecting") throw new Error("a WebSocket can't send before it is open");
    if (this.is === "closed") return;
    const frame = JSON.parse(text) as ClientFrame;
    this.heard.push(frame);
    this.inbox.push(frame);
  }

  close(): void {
    this.is = "closed";
  }

  // What a test does.

  accept(): void {
    this.is = "open";
    this.events.open();
  }

  /** After the page closed, nothing reaches it any more. */
  say(frame: ServerFrame | Record<string, unknown>): void {
    this.text(JSON.stringify(frame));
  }

  text(data: unknown): void {
    if (this.is === "open") this.events.message(data);
  }

  /** The network or the server ends it. */
  drop(code = 1006): void {
    if (this.is === "closed") return;
    this.is = "closed";
    this.events.close(code, "");
  }

  /** The next frame of a type that no test looked at yet. */
  next<T extends ClientFrame["type"]>(type: T): Sent<T> {
    const at = this.inbox.findIndex((frame) => frame.type === type);
    const frame = this.inbox[at];
    if (frame === undefined) {
      const seen = this.inbox.map((other) => other.type).join(", ");
      throw new Error(`no ${type} was sent; unread: ${seen === "" ? "nothing" : seen}`);
    }
    this.inbox.splice(at, 1);
    return frame as Sent<T>;
  }

  /** Frames of a type that no test looked at yet. */
  unread<T extends ClientFrame["type"]>(type: T): Sent<T>[] {
    return this.inbox.filter((frame): frame is Sent<T> => frame.type === type);
  }
}

/** Where sockets are opened; every attempt is kept. */
export class Wire {
  readonly peers: Peer[] = [];
  /** Thrown by the next attempts: an address that can't work. */
  broken: Error | null = null;

  readonly open: OpenSocket = (events) => {
    if (this.broken !== null) throw this.broken;
    const peer = new Peer(events);
    this.peers.push(peer);
    return peer;
  };

  get peer(): Peer {
    const last = this.peers.at(-1);
    if (last === undefined) throw new Error("no socket was opened");
    return last;
  }
}

export const EPOCH = "01890a5d-ac96-774b-bcce-b302099a8057";
export const OTHER_EPOCH = "01890a5d-ac96-774b-bcce-b302099a8099";
export const ME = { id: "guest-me", name: "민지" };
export const ADA = { id: "guest-ada", name: "Ada" };

export function welcome(user = ME, token = "token-1"): Extract<ServerFrame, { type: "welcome" }> {
  return {
    type: "welcome",
    session: "s",
    user,
    token,
    limits: {
      max_frame_bytes: 65_536,
      max_body_chars: 4_000,
      max_body_bytes: 16_384,
      max_name_chars: 40,
      max_room_name_chars: 64,
      max_rooms: 100,
      max_page: 100,
      max_replay: 500,
      max_roster: 200,
      max_file_bytes: 26_214_400,
      max_files: 10,
      max_mentions: 20,
    },
    heartbeat: { interval: 25_000, timeout: 50_000 },
    server: { name: "Maru", version: "0.1.0" },
    ticket: "ticket-1",
  };
}

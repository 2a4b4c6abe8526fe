// A small client of maru.v1 (PROTOCOL.md), for people that no page is needed for.

import { randomUUID } from "node:crypto";

interface Answer {
  type: string;
  ref?: number;
  code?: string;
  message?: string;
  token?: string;
}

export class Wire {
  private next = 1;
  /** What proves to the server who this is. */
  token = "";
  private readonly waiting = new Map<number | "welcome", (answer: Answer) => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(String(data)) as Answer;
      const key = frame.type === "welcome" ? "welcome" : (frame.ref ?? -1);
      this.waiting.get(key)?.(frame);
      this.waiting.delete(key);
    });
  }

  static async connect(address: string, name: string): Promise<Wire> {
    const socket = new WebSocket(address);
    await new Promise<void>((opened, failed) => {
      socket.addEventListener("open", () => opened());
      socket.addEventListener("error", () => failed(new Error(`no connection to ${address}`)));
    });
    const wire = new Wire(socket);
    const welcomed = wire.answer("welcome");
    wire.tell({ type: "hello", version: 1, name });
    wire.token = (await welcomed).token ?? "";
    return wire;
  }

  /** Makes a room that isn't there yet, and stays outside. */
  async make(room: string): Promise<void> {
    await this.ask({ type: "create", room }, ["room_exists"]);
  }

  /** Enters a room, making it when it isn't there. */
  async enter(room: string): Promise<void> {
    await this.make(room);
    await this.ask({ type: "join", room });
  }

  /** Says these, in this order; returns when all are in the log. */
  async say(room: string, bodies: readonly string[]): Promise<void> {
    const sent = bodies.map((body) => this.ask({ type: "send", room, id: randomUUID(), body }));
    await Promise.all(sent);
  }

  /** Says this to somebody by their id: `@` and their name are in it. */
  async call(room: string, body: string, user: string): Promise<void> {
    await this.ask({ type: "send", room, id: randomUUID(), body, mentions: [user] });
  }

  /** Puts an emoji on a message of the room. */
  async react(room: string, target: number, emoji: string, on = true): Promise<void> {
    await this.ask({ type: "react", room, id: randomUUID(), target, emoji, on });
  }

  /** Brings files into a room, in one message. */
  async bring(
    http: string,
    room: string,
    files: readonly (readonly [name: string, bytes: Buffer])[],
    body?: string,
  ): Promise<void> {
    const ids: string[] = [];
    for (const [name, bytes] of files) {
      const address = `${http}/api/v1/rooms/${encodeURIComponent(room)}/files?name=${encodeURIComponent(name)}`;
      const answer = await fetch(address, {
        method: "POST",
        headers: { authorization: `Bearer ${this.token}` },
        body: new Uint8Array(bytes),
      });
      if (!answer.ok) throw new Error(`${address}: ${answer.status} ${await answer.text()}`);
      ids.push(((await answer.json()) as { id: string }).id);
    }
    const message = { type: "send", room, id: randomUUID(), files: ids };
    await this.ask(body === undefined ? message : { ...message, body });
  }

  typing(room: string, on: boolean): void {
    this.tell({ type: "typing", room, on });
  }

  close(): void {
    this.socket.close();
  }

  private async ask(frame: object, tolerated: readonly string[] = []): Promise<Answer> {
    const ref = this.next++;
    const answered = this.answer(ref);
    this.tell({ ...frame, ref });
    const answer = await answered;
    if (answer.type === "error" && !tolerated.includes(answer.code ?? "")) {
      throw new Error(`${JSON.stringify(frame)} got ${JSON.stringify(answer)}`);
    }
    return answer;
  }

  private answer(key: number | "welcome"): Promise<Answer> {
    return new Promise((answered) => this.waiting.set(key, answered));
  }

  private tell(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }
}

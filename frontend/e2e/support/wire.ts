// A small client of maru.v1 (PROTOCOL.md), for people that no page is needed for.

import { randomUUID } from "node:crypto";

interface Answer {
  type: string;
  ref?: number;
  code?: string;
  message?: string;
}

export class Wire {
  private next = 1;
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
    await welcomed;
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

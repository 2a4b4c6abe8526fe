// People without a page who talk.

import { setTimeout as pause } from "node:timers/promises";
import type { Wire } from "./wire.js";
import type { World } from "./world.js";

/** Talks faster than a person may. */
export const FAST = { MARU_CONNECTION__RATE: "10000", MARU_CONNECTION__BURST: "100000" };

/** Lines of one to many words, so that rows are of several heights. */
const line = (n: number) => `${n}: ${"word 말 ".repeat((n * 7) % 20)}`.trim();

export class Crowd {
  private said = 0;

  private constructor(
    private readonly room: string,
    private readonly guests: readonly Wire[],
  ) {}

  static async come(world: World, room: string): Promise<Crowd> {
    const guests = [];
    for (const name of ["Grace", "하늘", "Tomás", "박준호"]) {
      const guest = await world.guest(name);
      await guest.enter(room);
      guests.push(guest);
    }
    return new Crowd(room, guests);
  }

  /** The room's newest seq: nobody else talks there. */
  get head(): number {
    return this.said;
  }

  /** As fast as the server takes them. */
  async say(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 500) await this.turn(Math.min(left, 500));
  }

  /** At a pace, for a time. */
  async talk(perSecond: number, ms: number): Promise<void> {
    const every = 20;
    const start = performance.now();
    let owed = 0;
    for (let at = start; at < start + ms; at = performance.now()) {
      const due = Math.floor(((at - start) * perSecond) / 1_000);
      if (due > owed) await this.turn(due - owed);
      owed = due;
      await pause(every);
    }
  }

  private async turn(count: number): Promise<void> {
    const shares = this.guests.map((): string[] => []);
    for (let i = 0; i < count; i++) {
      this.said += 1;
      shares[Math.floor(this.said / 3) % shares.length]?.push(line(this.said));
    }
    await Promise.all(this.guests.map((guest, i) => guest.say(this.room, shares[i] ?? [])));
  }
}

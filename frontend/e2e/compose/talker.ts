// Somebody who talks on and on, and all that reaches their page.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Person } from "../support/person.js";
import { until } from "../support/until.js";
import type { World } from "../support/world.js";
import { exists, history, PAGE } from "./stack.js";

/** A screen of 800 pixels shows that many messages of a line. */
const IN_VIEW = 10;
/** Five messages a second are many for one. */
const BETWEEN_MESSAGES_MS = 200;

interface Frame {
  type: string;
  room?: string;
  seq?: number;
  reset?: boolean;
  entries?: { seq: number }[];
}

export class Talker {
  readonly said: string[] = [];
  /** How often their page connected. */
  connections = 0;
  /** The seqs of the room's entries, as they came. */
  readonly received: number[] = [];
  resets = 0;
  /** When their page last lost its connection, and when it was last in the room again. */
  lostAt = 0;
  backAt = 0;
  private talking: Promise<void> | undefined;
  private done = false;

  private constructor(
    readonly person: Person,
    readonly room: string,
  ) {
    person.page.on("websocket", (socket) => {
      this.connections += 1;
      socket.on("close", () => (this.lostAt = Date.now()));
      socket.on("framereceived", ({ payload }) => this.hear(JSON.parse(String(payload)) as Frame));
    });
  }

  /** Opens the page and enters the room, making it when it isn't there. */
  static async join(world: World, name: string, room: string): Promise<Talker> {
    const talker = new Talker(await world.person(name, { at: PAGE }), room);
    const { person } = talker;
    await person.comeInto("lobby");
    await person.visit(room);
    if (await exists(room)) await person.visit(room);
    else await person.makeRoom(room);
    await person.isIn(room);
    return talker;
  }

  get name(): string {
    return this.person.name;
  }

  start(): void {
    this.done = false;
    const talking = (async () => {
      while (!this.done) {
        const text = `${this.name} ${this.said.length + 1}`;
        await this.person.say(text);
        this.said.push(text);
        await pause(BETWEEN_MESSAGES_MS);
      }
    })();
    // Told by `stop`. A test that failed before closes the page under it, which is no news.
    talking.catch(() => undefined);
    this.talking = talking;
  }

  async stop(): Promise<void> {
    this.done = true;
    await this.talking;
  }

  /** What they say from now on gets into the log, and what the others say comes to their screen. */
  async isServed(others: readonly Talker[], patience: number): Promise<void> {
    const known = new Set((await history(this.room)).map(({ body }) => body));
    const hasNew = (bodies: readonly string[], { name }: Talker) =>
      bodies.some((body) => body.startsWith(`${name} `) && !known.has(body));
    await until(
      `${this.name} is served`,
      async () => {
        const shown = await this.person.bodies();
        const logged = (await history(this.room)).map(({ body }) => body);
        return hasNew(logged, this) && others.every((other) => hasNew(shown, other));
      },
      patience,
    );
  }

  private hear(frame: Frame): void {
    if (frame.room !== this.room) return;
    if (frame.type === "entry" && frame.seq !== undefined) this.received.push(frame.seq);
    if (frame.type !== "joined") return;
    this.backAt = Date.now();
    if (frame.reset === true) this.resets += 1;
    this.received.push(...(frame.entries ?? []).map(({ seq }) => seq));
  }
}

/** Who of the others isn't this one. */
export const but = (talkers: readonly Talker[], one: Talker): Talker[] =>
  talkers.filter((other) => other !== one);

/**
 * All that these said is in the log, once and in the order of each; and all of the log since they
 * came has reached each of them, once and in order, and stands on their screens.
 */
export async function allAgree(room: string, talkers: readonly Talker[]): Promise<void> {
  await until("all that was said is in the log", async () => {
    const bodies = new Set((await history(room)).map(({ body }) => body));
    return talkers.every(({ said }) => said.every((body) => bodies.has(body)));
  });
  const log = await history(room);
  const seqs = log.map(({ seq }) => seq);
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => index + 1),
  );
  const bodies = log.map(({ body }) => body);
  for (const { name, person, said, received, resets } of talkers) {
    const own = bodies.filter((body) => body.startsWith(`${name} `));
    assert.deepEqual(own, said, `what ${name} said`);
    await until(`${name}'s page has the newest`, () => received.at(-1) === seqs.at(-1));
    const first = received[0] ?? 0;
    assert.deepEqual(received, seqs.slice(first - 1), `what ${name} received`);
    assert.equal(resets, 0, `${name} was told to load the room anew`);
    // The page holds only rows around what is in view, and those end with the newest.
    await until(`${name} sees the newest`, async () => {
      const shown = await person.bodies();
      return shown.length >= IN_VIEW && bodies.join("\n").endsWith(`\n${shown.join("\n")}`);
    });
  }
}

// What a screen reader is told of new messages: politely, bursts summed up. No DOM in here.

import type { Clock, Timer } from "../../../connection/ports";

/** What comes within this is told together. */
export const GATHER_MS = 700;
/** More than this many at once are summed up. */
export const READ_OUT = 2;
/** A room that talks faster than a voice is summed up no more often than this. */
export const PAUSE_MS = 5_000;
/** What was said long ago is not found by who wanders through the page. */
export const FORGET_MS = 15_000;
export interface SpokenMessage {
  name: string;
  body: string;
}

export interface Voice {
  /** At most `READ_OUT` messages, in order. */
  each(messages: readonly SpokenMessage[]): string;
  many(count: number): string;
  say(text: string): void;
}

export class Announcements {
  private readonly waiting: SpokenMessage[] = [];
  private count = 0;
  private timer: Timer | null = null;
  private forget: Timer | null = null;
  private quietUntil = 0;

  constructor(
    private readonly clock: Clock,
    private readonly voice: Voice,
  ) {}

  heard(message: SpokenMessage): void {
    this.count += 1;
    if (this.waiting.length < READ_OUT) this.waiting.push(message);
    const wait = Math.max(GATHER_MS, this.quietUntil - this.clock.now());
    this.timer ??= this.clock.after(wait, () => this.speak());
  }

  /** The reader is elsewhere: what wasn't said yet never is. */
  stop(): void {
    this.timer?.cancel();
    this.forget?.cancel();
    this.timer = null;
    this.waiting.length = 0;
    this.count = 0;
  }

  private speak(): void {
    this.timer = null;
    const many = this.count > READ_OUT;
    if (many) this.quietUntil = this.clock.now() + PAUSE_MS;
    this.voice.say(many ? this.voice.many(this.count) : this.voice.each([...this.waiting]));
    this.waiting.length = 0;
    this.count = 0;
    this.forget?.cancel();
    this.forget = this.clock.after(FORGET_MS, () => this.voice.say(""));
  }
}

// A count that people are told of outside of the page.

import type { Clock, Timer } from "../../../connection/ports";

/** What is read as soon as it comes is read within this. */
const READ_MS = 300;

/**
 * Tells of more only what was there for a while, and of less at once: who looks at a room in which
 * much is said reads each message in the moment after it came, and sees no number come and go.
 */
export class StableCount {
  private told = 0;
  private now = 0;
  /** The least since the timer runs. */
  private least = 0;
  private timer: Timer | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly tell: (count: number) => void,
  ) {}

  set(count: number): void {
    this.now = count;
    this.least = Math.min(this.least, count);
    if (count < this.told) this.say(count);
    else if (count > this.told) this.wait();
  }

  private wait(): void {
    if (this.timer !== null) return;
    this.least = this.now;
    this.timer = this.clock.after(READ_MS, () => {
      this.timer = null;
      if (this.least > this.told) this.say(this.least);
      if (this.now > this.told) this.wait();
    });
  }

  private say(count: number): void {
    this.told = count;
    this.tell(count);
  }
}

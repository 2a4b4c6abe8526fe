import type { Clock, Timer } from "../../src/connection/ports";

interface Due {
  at: number;
  order: number;
  run: () => void;
}

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  private due: Due[] = [];
  private order = 0;

  constructor(private time = Date.UTC(2025, 10, 23, 3, 0, 0)) {}

  now(): number {
    return this.time;
  }

  after(ms: number, run: () => void): Timer {
    const entry: Due = { at: this.time + ms, order: this.order++, run };
    this.due.push(entry);
    return { cancel: () => void (this.due = this.due.filter((other) => other !== entry)) };
  }

  /** Runs what falls due on the way, in order of time. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.due
        .filter((entry) => entry.at <= end)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) break;
      this.due = this.due.filter((entry) => entry !== next);
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = end;
  }

  /** The machine slept: time went on, timers didn't run. */
  sleep(ms: number): void {
    this.time += ms;
  }

  get timers(): number {
    return this.due.length;
  }
}

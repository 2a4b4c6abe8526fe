import type { Heartbeat as Periods } from "../protocol/generated";
import type { Clock, Timer } from "./ports";

/** How long an answer may take when there is a reason for doubt (wake-up, network change, a slow answer). */
const PROBE_MS = 8_000;
/** Silence is told after this long: a person is to know within 5 s, but a slow line may still answer. */
const DOUBT_MS = 2_500;

/**
 * Notices a silent server. Anything heard counts; after `interval` of silence it pings, and gives
 * up when `timeout - interval` passes without an answer. It never gives up without having asked:
 * in a background tab timers run late, and lateness is not silence.
 */
export class Heartbeat {
  private timer: Timer | undefined;
  private asked = false;
  private doubted = false;

  constructor(
    private readonly clock: Clock,
    private readonly ping: () => void,
    /** Whether an answer is long in coming. */
    private readonly doubt: (silent: boolean) => void,
    private readonly giveUp: () => void,
  ) {}

  private periods: Periods = { interval: 25_000, timeout: 50_000 };

  start(periods: Periods): void {
    this.periods = periods;
    this.heard();
  }

  heard(): void {
    this.asked = false;
    if (this.doubted) this.doubt((this.doubted = false));
    this.arm(this.periods.interval, () => this.ask(this.periods.timeout - this.periods.interval));
  }

  /** Asks now instead of after the interval. */
  probe(): void {
    if (this.timer !== undefined && !this.asked) this.ask(PROBE_MS);
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.asked = this.doubted = false;
  }

  private ask(patience: number): void {
    this.asked = true;
    this.arm(DOUBT_MS, () => {
      this.doubt((this.doubted = true));
      this.arm(patience - DOUBT_MS, () => {
        this.stop();
        this.giveUp();
      });
    });
    this.ping();
  }

  private arm(ms: number, run: () => void): void {
    this.timer?.cancel();
    this.timer = this.clock.after(ms, run);
  }
}

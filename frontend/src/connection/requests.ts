import type { Answer, Refusal } from "../protocol/frames";
import { ERROR_RETRYABLE } from "../protocol/generated";
import type { Clock, Timer } from "./ports";

/** Why a request has no answer that helps. */
export interface Failure {
  code: Refusal["code"] | "timeout" | "disconnected";
  /** The server's sentence; empty when the server said nothing. */
  message: string;
  /** Milliseconds to wait before a retry, where the server named them. */
  retryAfter: number | undefined;
  /** Whether the same request, later, can succeed. */
  retryable: boolean;
  /** The name by which the room is to be asked for now, where it has another one. */
  renamedTo?: string | undefined;
}

export type Outcome<T extends Answer = Answer> =
  { ok: true; frame: T } | { ok: false; failure: Failure };

/** An answer slower than this is not coming. */
export const REQUEST_TIMEOUT_MS = 15_000;
/** An answer slower than this is a reason to ask whether the server is there. */
export const SLOW_MS = 1_500;

const silent = (code: "timeout" | "disconnected"): Failure => ({
  code,
  message: "",
  retryAfter: undefined,
  retryable: true,
});

export function failureOf(frame: Refusal): Failure {
  return {
    code: frame.code,
    message: frame.message,
    retryAfter: frame.retry_after,
    renamedTo: frame.renamed_to,
    retryable:
      frame.code === "other" ? frame.retry_after !== undefined : ERROR_RETRYABLE[frame.code],
  };
}

/**
 * Requests that wait for their answer, paired by `ref`. Each `done` is called exactly once: with
 * the answer, the refusal, a timeout, or `disconnected`.
 */
export class Requests {
  private next = 1;
  private readonly waiting = new Map<number, { done: (outcome: Outcome) => void; timer: Timer }>();

  constructor(
    private readonly clock: Clock,
    private readonly slow: () => void,
  ) {}

  add(done: (outcome: Outcome) => void): number {
    const ref = this.next;
    this.next = this.next >= 0xffff_ffff ? 1 : this.next + 1;
    const late = () => {
      this.waiting.delete(ref);
      done({ ok: false, failure: silent("timeout") });
    };
    const timer = this.clock.after(SLOW_MS, () => {
      request.timer = this.clock.after(REQUEST_TIMEOUT_MS - SLOW_MS, late);
      this.slow();
    });
    const request = { done, timer };
    this.waiting.set(ref, request);
    return ref;
  }

  /** Whether somebody waited for it. */
  settle(frame: Answer): boolean {
    const request = this.waiting.get(frame.ref);
    if (request === undefined) return false;
    this.waiting.delete(frame.ref);
    request.timer.cancel();
    request.done(
      frame.type === "error" ? { ok: false, failure: failureOf(frame) } : { ok: true, frame },
    );
    return true;
  }

  failAll(): void {
    const lost = [...this.waiting.values()];
    this.waiting.clear();
    for (const request of lost) {
      request.timer.cancel();
      request.done({ ok: false, failure: silent("disconnected") });
    }
  }
}

import type { Random } from "./ports";

/** The first retry comes within this many milliseconds. */
export const BASE_MS = 1_000;
/** No wait is longer: a person who looks at the countdown shouldn't give up on it. */
export const CAP_MS = 30_000;

/**
 * How long to wait before attempt `attempt` (from 1): exponential with full jitter, so that
 * thousands of clients that lost one server don't return in step.
 */
export function backoff(attempt: number, random: Random): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt - 1, 20));
  return Math.round(random() * ceiling);
}

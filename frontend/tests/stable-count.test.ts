import { describe, expect, it } from "vitest";
import { StableCount } from "../src/ui/features/notifications/stable-count";
import { ManualClock } from "./support/clock";

function steady() {
  const clock = new ManualClock();
  const told: number[] = [];
  return { clock, told, count: new StableCount(clock, (count) => told.push(count)) };
}

describe("what is unread, told outside of the page", () => {
  it("is told when it stayed so, and taken back at once", () => {
    const { clock, told, count } = steady();
    count.set(2);
    expect(told).toEqual([]);
    clock.advance(300);
    expect(told).toEqual([2]);
    count.set(0);
    expect(told).toEqual([2, 0]);
    clock.advance(10_000);
    expect(told).toEqual([2, 0]);
  });

  it("does not flicker where each message is read as it comes", () => {
    const { clock, told, count } = steady();
    for (let message = 0; message < 1_000; message++) {
      count.set(1);
      clock.advance(4);
      count.set(0);
      clock.advance(1);
    }
    clock.advance(10_000);
    expect(told).toEqual([]);
  });

  it("nor above what waits in other rooms", () => {
    const { clock, told, count } = steady();
    count.set(3);
    clock.advance(300);
    for (let message = 0; message < 1_000; message++) {
      count.set(5);
      clock.advance(4);
      count.set(3);
      clock.advance(1);
    }
    expect(told).toEqual([3]);
  });

  it("follows what goes on rising a few times a second, to its end", () => {
    const { clock, told, count } = steady();
    for (let unread = 1; unread <= 1_000; unread++) {
      count.set(unread);
      clock.advance(5);
    }
    expect(told.length).toBeGreaterThan(10);
    expect(told.length).toBeLessThan(20);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    clock.advance(600);
    expect(told.at(-1)).toBe(1_000);
  });
});

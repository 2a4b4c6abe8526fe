import { describe, expect, it } from "vitest";
import {
  Announcements,
  FORGET_MS,
  GATHER_MS,
  PAUSE_MS,
} from "../src/ui/room/timeline/announcements";
import { ManualClock } from "./support/clock";

function listening() {
  const clock = new ManualClock();
  const said: string[] = [];
  const announcements = new Announcements(clock, {
    each: (messages) => messages.map(({ name, body }) => `${name}: ${body}`).join(" "),
    many: (count) => `${count} new`,
    say: (text) => said.push(text),
  });
  const hear = (...bodies: string[]) =>
    bodies.forEach((body) => announcements.heard({ name: "Ada", body }));
  return { clock, said, announcements, hear };
}

describe("new messages", () => {
  it("are read out together after a breath", () => {
    const { clock, said, hear } = listening();
    hear("one");
    clock.advance(GATHER_MS - 1);
    hear("two");
    expect(said).toEqual([]);
    clock.advance(1);
    expect(said).toEqual(["Ada: one Ada: two"]);
  });

  it("are summed up when there are many", () => {
    const { clock, said, hear } = listening();
    hear(...Array.from({ length: 12 }, (_, n) => `message ${n}`));
    clock.advance(GATHER_MS);
    expect(said).toEqual(["12 new"]);
  });

  it("of a room that never rests are summed up no more often than a voice can follow", () => {
    const { clock, said, hear } = listening();
    for (let n = 0; n < 200; n++) {
      hear("again");
      clock.advance(100);
    }
    // 20 seconds of ten messages a second.
    expect(said.length).toBeLessThanOrEqual(1 + 20_000 / PAUSE_MS);
    expect(said.every((text) => text.endsWith(" new"))).toBe(true);
    clock.advance(PAUSE_MS);
    const total = said.reduce((sum, text) => sum + (text === "" ? 0 : parseInt(text)), 0);
    expect(total).toBe(200);
  });

  it("of a talk between two are each read at once", () => {
    const { clock, said, hear } = listening();
    for (let n = 0; n < 3; n++) {
      hear(`line ${n}`);
      clock.advance(2_000);
    }
    expect(said).toEqual(["Ada: line 0", "Ada: line 1", "Ada: line 2"]);
  });

  it("are forgotten, so that nobody finds them later", () => {
    const { clock, said, hear } = listening();
    hear("hello");
    clock.advance(GATHER_MS + FORGET_MS);
    expect(said).toEqual(["Ada: hello", ""]);
    expect(clock.timers).toBe(0);
  });

  it("that weren't said when the reader left never are", () => {
    const { clock, said, announcements, hear } = listening();
    hear("one", "two", "three");
    announcements.stop();
    clock.advance(60_000);
    expect(said).toEqual([]);
    hear("fresh");
    clock.advance(GATHER_MS);
    expect(said).toEqual(["Ada: fresh"]);
  });
});

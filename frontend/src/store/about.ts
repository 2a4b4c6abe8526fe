import { signal } from "@preact/signals-core";
import type { LogEntry } from "../protocol/frames";
import type { About, Seq } from "../protocol/generated";

export const NOTHING: About = { topic: "", description: "", pins: [] };

/** What a room is about: topic, description, and the pinned messages, the latest first. */
export class RoomAbout {
  readonly now = signal<About>(NOTHING);

  /** As a join told it. */
  reset(about: About | undefined): void {
    this.now.value = about ?? NOTHING;
  }

  /** An entry above what the last join told, or what was heard since. */
  heard(entry: LogEntry): void {
    this.now.value = aboutAfter(this.now.value, entry);
  }
}

type Telling =
  | { kind: "topic"; topic: string; description: string }
  | { kind: "pin"; target: Seq; on: boolean }
  | { kind: "delete"; target: Seq };

/** What a room is about after an entry, or after one that is asked for. */
export function aboutAfter(about: About, entry: LogEntry | Telling): About {
  switch (entry.kind) {
    case "topic":
      return { ...about, topic: entry.topic, description: entry.description };
    case "pin": {
      const others = about.pins.filter((seq) => seq !== entry.target);
      return { ...about, pins: entry.on ? [entry.target, ...others] : others };
    }
    case "delete":
      if (!about.pins.includes(entry.target)) return about;
      return { ...about, pins: about.pins.filter((seq) => seq !== entry.target) };
    default:
      return about;
  }
}

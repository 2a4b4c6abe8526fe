import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { LogEntry } from "../../protocol/frames";
import type { Room } from "../../store/room";
import type { MessageRef } from "../../store/timeline";
import { placeInHash } from "../context/address";
import { useApp } from "../context/app-context";
import type { App } from "../context/app-context";
import { perApp } from "../context/per-app";
import { messageSummary } from "./message-summary";

/** What a link shows of its message, in UTF-16 units. */
const EXCERPT = 80;
/** Messages of links that were asked for: as many as a long page of links has. */
const MOST_ASKED = 200;

type Found = Signal<LogEntry | null>;
const asked = perApp((): Map<string, Found> => new Map());

/** The message that a link names, which may be far from what is held: asked for once. */
function found(app: App, room: Room, message: MessageRef): Found {
  const known = asked(app);
  const key = `${room.key} ${message}`;
  let one = known.get(key);
  if (one === undefined) {
    one = signal<LogEntry | null>(null);
    if (known.size >= MOST_ASKED) known.clear();
    known.set(key, one);
    ask(app, room, message, one);
  }
  return one;
}

function ask({ client }: App, room: Room, message: MessageRef, into: Found): void {
  const where = typeof message === "string" ? { around: message } : { after: message - 1 };
  const request = { type: "history", room: room.name.value, ...where, limit: 3 } as const;
  client.request(request, (outcome) => {
    if (!outcome.ok) return;
    const { entries } = outcome.frame;
    into.value =
      entries.find((entry) =>
        typeof message === "string" ? "id" in entry && entry.id === message : entry.seq === message,
      ) ?? null;
  });
}

/** A room, or a message in it, as one reads it: who said it where, and how it begins. */
export function OwnLink({ hash }: { hash: string }) {
  const app = useApp();
  const place = useMemo(() => placeInHash(hash), [hash]);
  const room = place === null ? undefined : app.client.membership.get(place.room);
  const joined = room?.membership.value.is === "joined";
  const entry = useMemo(() => {
    if (room === undefined || !joined || place?.message == null) return null;
    const { message } = place;
    const held = room.timeline.find(message);
    return held === undefined ? found(app, room, message) : signal<LogEntry | null>(held);
  }, [place, room, joined])?.value;
  const parts = [room?.name.value ?? place?.room ?? hash];
  if (entry?.kind === "message") parts.push(entry.sender.name, messageSummary(entry, EXCERPT));
  return <span dir="auto">{parts.join(" · ")}</span>;
}

// What the log says, with what was asked for and isn't in it yet. Pure.

import type { LogEntry } from "../protocol/frames";
import { without } from "../protocol/without";
import type { About, Message, User } from "../protocol/generated";
import { aboutAfter } from "./about";
import { changed } from "./fold";
import type { LoggedMessage } from "./fold";
import { indexOf } from "./held";
import type { PendingChange } from "./outbox";

/** Newer than anything the log has. */
const LAST = Number.MAX_SAFE_INTEGER;

/** As it is to be shown; `waiting`: a change to it is on its way. */
export type Shown<T = LogEntry> = T & { waiting?: boolean };
export type ShownMessage = Shown<Message>;

/** Entries with changes of mine in them. */
export function overlaid(
  entries: readonly LogEntry[],
  changes: readonly PendingChange[],
  me: User,
): readonly Shown[] {
  let shown: Shown[] | null = null;
  for (const change of changes) {
    if (change.kind === "pin" || change.kind === "topic") continue;
    const index = indexOf(entries, change.target);
    const entry: Shown | undefined = (shown ?? entries)[index];
    if (entry?.kind !== "message") continue;
    const now = wished(entry, change, me);
    if (now === entry) continue;
    shown ??= [...entries];
    shown[index] = now;
  }
  return shown ?? entries;
}

type MessageChange = Extract<PendingChange, { kind: "edit" | "delete" | "reaction" }>;

function wished(message: LoggedMessage, change: MessageChange, me: User): Shown {
  const { room, at, id } = change;
  const head = { room, seq: LAST, id, sender: me, at };
  switch (change.kind) {
    case "edit": {
      const { kind, target, body, mentions } = change;
      const edit = { ...head, kind, target, body, ...(mentions === undefined ? {} : { mentions }) };
      return { ...again(message, edit), waiting: true };
    }
    case "delete":
      return {
        ...again(message, { ...head, kind: "delete", target: change.target }),
        waiting: true,
      };
    case "reaction": {
      const { kind, target, emoji, on } = change;
      // It may be in the log already, and only its answer lost.
      if (hasReacted(message, emoji, me.id) === on) return message;
      return again(message, { ...head, kind, target, emoji, on });
    }
  }
}

/** One change over another: each is the newest. */
function again(message: LoggedMessage, change: Parameters<typeof changed>[1]): LogEntry {
  return changed(without(message, "changed"), change);
}

function hasReacted(message: Pick<LoggedMessage, "reactions">, emoji: string, id: string): boolean {
  const reacted = message.reactions?.find((each) => each.emoji === emoji);
  return reacted?.users.some((user) => user.id === id) === true;
}

/** What a room is about, with changes of mine. */
export function aboutWith(about: About, changes: readonly PendingChange[]): About {
  return changes.reduce<About>((now, change) => {
    // It may be in the log already.
    if (change.kind === "pin" && now.pins.includes(change.target) === change.on) return now;
    return change.kind === "edit" || change.kind === "reaction" ? now : aboutAfter(now, change);
  }, about);
}

// What becomes of a message by the entries that change it. Pure, so that what is read back folded and
// what is heard live can be mixed in any way and end the same.

import type { LogEntry } from "../protocol/frames";
import { without } from "../protocol/without";
import { MAX_EXCERPT_CHARS, MAX_REACTED_USERS } from "../protocol/generated";
import type { Message, Quote, Reacted, Seq, Tombstone, User } from "../protocol/generated";

export type LoggedMessage = Extract<LogEntry, { kind: "message" }>;
export type Change = Extract<LogEntry, { kind: "edit" | "delete" | "reaction" | "pin" }>;
type TextChange = Extract<Change, { kind: "edit" | "delete" }>;

export function isChange(entry: LogEntry): entry is Change {
  return "target" in entry;
}

/**
 * Applies changes, which ascend, to entries without holes; the same array when none of them matters.
 * A message knows which changes it has in it (`changed`); a quote doesn't: only changes that are newer
 * than the moment at which the entries were read may be given.
 */
export function fold(
  entries: readonly LogEntry[],
  changes: readonly Change[],
): readonly LogEntry[] {
  if (changes.length === 0) return entries;
  const folded = [...entries];
  const first = entries[0]?.seq ?? 0;
  for (const change of changes) {
    const index = change.target - first;
    const target = folded[index];
    if (target?.kind === "message") folded[index] = changed(target, change);
    if (change.kind === "reaction" || change.kind === "pin") continue;
    // Who quotes it came after it, and so did its edits.
    for (let i = Math.max(0, index + 1); i < entries.length; i++) {
      const entry = folded[i];
      if (entry?.kind === "message" && entry.reply_to?.seq === change.target) {
        folded[i] = { ...entry, reply_to: requoted(entry.reply_to, change) };
      } else if (change.kind === "delete" && entry?.kind === "edit") {
        if (entry.target === change.target) folded[i] = erased(entry);
      }
    }
  }
  return folded.some((entry, i) => entry !== entries[i]) ? folded : entries;
}

/** A message after one change to it. */
export function changed(
  message: LoggedMessage,
  change: Change,
): LoggedMessage | (Tombstone & { kind: "tombstone" }) {
  if (change.seq <= (message.changed ?? 0)) return message;
  switch (change.kind) {
    case "edit":
      return edited(message, change);
    case "delete":
      return {
        kind: "tombstone",
        room: message.room,
        seq: message.seq,
        id: message.id,
        sender: message.sender,
        at: message.at,
        deleted_at: change.at,
        changed: change.seq,
      };
    case "reaction":
      return {
        ...withReactions(message, reacted(message.reactions ?? [], change)),
        changed: change.seq,
      };
    case "pin":
      return { ...message, changed: change.seq };
  }
}

function edited(message: LoggedMessage, change: Extract<Change, { kind: "edit" }>): LoggedMessage {
  // Its text was erased: the entry that deleted the message follows.
  if (change.body === undefined) return message;
  return {
    ...without(message, "mentions"),
    body: change.body,
    ...(change.mentions === undefined ? {} : { mentions: change.mentions }),
    edited: { seq: change.seq, at: change.at },
    changed: change.seq,
  };
}

/** An edit of what was deleted since: nothing of the text is kept. */
function erased(edit: Extract<Change, { kind: "edit" }>): Extract<Change, { kind: "edit" }> {
  return without(edit, "body", "mentions");
}

function withReactions(message: LoggedMessage, reactions: Reacted[]): LoggedMessage {
  const rest = without(message, "reactions");
  return reactions.length === 0 ? rest : { ...rest, reactions };
}

export interface Toggle {
  emoji: string;
  on: boolean;
  sender: User;
}

/** Reactions after one more, or one less. */
export function reacted(reactions: readonly Reacted[], { emoji, on, sender }: Toggle): Reacted[] {
  const known = reactions.find((each) => each.emoji === emoji);
  if (known === undefined) {
    return on ? [...reactions, { emoji, count: 1, users: [sender] }] : [...reactions];
  }
  const others = known.users.filter((user) => user.id !== sender.id);
  // Nobody is listed beyond the bound; then only the count tells.
  const was = others.length < known.users.length;
  if (on && was) return [...reactions];
  const count = known.count + (on ? 1 : -1);
  const users = on && others.length < MAX_REACTED_USERS ? [...others, sender] : others;
  return reactions.flatMap((each) => {
    if (each !== known) return [each];
    return count > 0 ? [{ emoji, count, users }] : [];
  });
}

function requoted(quote: Quote, change: TextChange): Quote {
  const { seq, sender } = quote;
  if (change.kind === "delete") return { seq, sender, deleted: true };
  if (change.body === undefined || quote.deleted === true) return quote;
  return { seq, sender, excerpt: excerptOf(change.body) };
}

/** How a text begins, as the server quotes it. */
export function excerptOf(body: string): string {
  let end = 0;
  let count = 0;
  for (const character of body) {
    if (count === MAX_EXCERPT_CHARS) break;
    count += 1;
    end += character.length;
  }
  return body.slice(0, end);
}

/** A message as another one quotes it. */
export function quoteOf(message: Pick<Message, "seq" | "sender" | "body">): Quote {
  const { seq, sender, body } = message;
  return { seq, sender, ...(body === undefined ? {} : { excerpt: excerptOf(body) }) };
}

/** Whether somebody is mentioned. */
export function mentions(message: Pick<Message, "mentions">, id: string | undefined): boolean {
  return id !== undefined && message.mentions?.some((user) => user.id === id) === true;
}

/** The message with this seq among entries without holes. */
export function messageAt(entries: readonly LogEntry[], seq: Seq): LoggedMessage | undefined {
  const entry = entries[seq - (entries[0]?.seq ?? 0)];
  return entry?.kind === "message" ? entry : undefined;
}

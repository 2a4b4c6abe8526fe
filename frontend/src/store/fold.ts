// What becomes of a message by the entries that change it. Pure, so that what is read back folded and
// what is heard live can be mixed in any way and end the same.

import type { LogEntry } from "../protocol/frames";
import { without } from "../protocol/without";
import { MAX_EXCERPT_CHARS, MAX_REACTED_USERS } from "../protocol/generated";
import type { Message, Quote, Reacted, Seq, Tombstone, User } from "../protocol/generated";
import { indexOf, placeOf } from "./held";

export type LoggedMessage = Extract<LogEntry, { kind: "message" }>;
export type Change = Extract<LogEntry, { kind: "edit" | "delete" | "reaction" | "pin" }>;

export function isChange(entry: LogEntry): entry is Change {
  return "target" in entry;
}

/**
 * Applies changes, which ascend, to entries; the same array when none of them matters. A message knows
 * which changes it has in it (`changed`). A quote doesn't: it follows its message where that is held;
 * otherwise only changes that are newer than the moment at which the entries were read may be given.
 */
export function fold(
  entries: readonly LogEntry[],
  changes: readonly Change[],
): readonly LogEntry[] {
  if (changes.length === 0) return entries;
  const folded = [...entries];
  for (const change of changes) {
    const index = indexOf(folded, change.target);
    const target = folded[index];
    if (target?.kind === "message") folded[index] = changed(target, change);
    if (change.kind === "reaction" || change.kind === "pin") continue;
    requote(folded, change.target, (quote) => quoteAfter(quote, folded[index] ?? change));
  }
  return folded.some((entry, i) => entry !== entries[i]) ? folded : entries;
}

/** Puts older messages as they are now in the place of what is held of them, and of their quotes. */
export function put(
  entries: readonly LogEntry[],
  updated: readonly LogEntry[],
): readonly LogEntry[] {
  if (updated.length === 0) return entries;
  const folded = [...entries];
  for (const now of updated) {
    const index = indexOf(folded, now.seq);
    const held = folded[index];
    if (held !== undefined && lastChange(held) < lastChange(now)) folded[index] = now;
    requote(folded, now.seq, (quote) => quoteAfter(quote, folded[index] ?? now));
  }
  return folded.some((entry, i) => entry !== entries[i]) ? folded : entries;
}

function lastChange(entry: LogEntry): Seq {
  return entry.kind === "message" || entry.kind === "tombstone" ? (entry.changed ?? 0) : 0;
}

/** Whoever quotes a message came after it. */
function requote(entries: LogEntry[], seq: Seq, after: (quote: Quote) => Quote): void {
  for (let i = placeOf(entries, seq + 1); i < entries.length; i++) {
    const entry = entries[i];
    if (entry?.kind !== "message" || entry.reply_to?.seq !== seq) continue;
    const reply_to = after(entry.reply_to);
    if (reply_to !== entry.reply_to) entries[i] = { ...entry, reply_to };
  }
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

/** A quote of what is a message, a deleted one, or has changed so. */
function quoteAfter(quote: Quote, now: LogEntry): Quote {
  if (quote.deleted === true) return quote;
  const { seq, sender } = quote;
  if (now.kind === "tombstone" || now.kind === "delete") return { seq, sender, deleted: true };
  if (now.kind !== "message" && now.kind !== "edit") return quote;
  const excerpt = now.body === undefined ? undefined : excerptOf(now.body);
  // An edit without its text: the entry that deletes the message follows.
  if (excerpt === quote.excerpt || (excerpt === undefined && now.kind === "edit")) return quote;
  return { seq, sender, ...(excerpt === undefined ? {} : { excerpt }) };
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

/** The message with this seq, if it is held. */
export function messageAt(entries: readonly LogEntry[], seq: Seq): LoggedMessage | undefined {
  const entry = entries[indexOf(entries, seq)];
  return entry?.kind === "message" ? entry : undefined;
}

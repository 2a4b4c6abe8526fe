// The frames as this client sees them after decoding: the generated types, widened where a newer
// server may say what this client doesn't know yet.

import type { ByeCode, Covers, Entry, ErrorCode, RoomName, Seq, ServerFrame } from "./generated";

export type Server<T extends ServerFrame["type"]> = Extract<ServerFrame, { type: T }>;

/** An entry of a kind this client doesn't know: it holds its place in the order and shows nothing. */
export interface OpaqueEntry {
  kind: "opaque";
  of: string;
  room: RoomName;
  seq: Seq;
}

export type LogEntry = Entry | OpaqueEntry;

/** A part of a room's log: what it speaks of, and what there is to say of that. */
export interface PagePart {
  /** Ascending. A seq in `covers` that they skip changed a message, which has that in it. */
  entries: readonly LogEntry[];
  covers: Covers;
  /** Older messages as they are now, whose changes are not among the entries. */
  updated?: readonly LogEntry[];
}

export type Joined = Omit<Server<"joined">, keyof PagePart> & PagePart;
export type Page = Omit<Server<"page">, keyof PagePart> & PagePart;
export interface EntryFrame {
  type: "entry";
  entry: LogEntry;
}

/** `other` stands for a code that this client doesn't know; the sentence still tells a person. */
export type Refusal = Omit<Server<"error">, "code"> & { code: ErrorCode | "other" };
export type Bye = Omit<Server<"bye">, "code"> & { code: ByeCode | "other" };

/** A frame type of a later protocol: tolerated, not acted on. */
export interface UnknownFrame {
  type: "unknown";
  name: string;
}

export type Incoming =
  | Server<
      | "welcome"
      | "ok"
      | "sent"
      | "rooms"
      | "pinned"
      | "own_reactions"
      | "unread"
      | "members"
      | "results"
      | "read"
      | "pong"
      | "presence"
      | "typing"
      | "directory"
      | "removed"
    >
  | Joined
  | Page
  | EntryFrame
  | Refusal
  | Bye
  | UnknownFrame;

/** The frames that answer a request. */
export type Answer = Extract<Incoming, { ref: number }> | (Refusal & { ref: number });

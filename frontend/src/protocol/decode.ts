// From a text frame to a typed one: parse, don't validate. Nothing past this file sees raw JSON.

import type {
  About,
  ByeCode,
  Covers,
  Deletion,
  Edit,
  Edited,
  ErrorCode,
  FileInfo,
  Heartbeat,
  Hit,
  Limits,
  Message,
  OwnReactions,
  Pinning,
  Presence,
  PresenceChange,
  Quote,
  Reacted,
  Reaction,
  ReadState,
  RoomInfo,
  Run,
  ServerInfo,
  Tombstone,
  TopicChange,
  User,
} from "./generated";
import { BYE_RETRYABLE, ERROR_RETRYABLE } from "./generated";
import { coversOf } from "./covers";
import type { Incoming, LogEntry } from "./frames";
import { count, fields, flag, list, Mismatch, shape, text } from "./read";
import type { FieldReader } from "./read";

export type Decoded = { ok: true; frame: Incoming } | { ok: false; problem: string };

const user = shape<User>({ id: text, name: text });
const rooms = list(shape<RoomInfo>({ room: text, members: count, head: count, active_at: count }));
const heartbeat = shape<Heartbeat>({ interval: count, timeout: count });
const serverInfo = shape<ServerInfo>({ name: text, version: text });
const users = list(user);
const listed = { users, complete: flag };
const presence = shape<Presence>({ count, ...listed });
const place = { room: text, seq: count };
const head = { ...place, id: text, sender: user, at: count };
const quote = shape<Quote>({ seq: count, sender: user }, { excerpt: text, deleted: flag });
const file = shape<FileInfo>(
  { id: text, name: text, media_type: text, size: count },
  { width: count, height: count },
);
const reacted = shape<Reacted>({ emoji: text, count, users });
const message = shape<Message>(head, {
  body: text,
  reply_to: quote,
  mentions: users,
  files: list(file),
  edited: shape<Edited>({ seq: count, at: count }),
  reactions: list(reacted),
  changed: count,
});
const tombstone = shape<Tombstone>({ ...head, deleted_at: count, changed: count });
const edit = shape<Edit>({ ...head, target: count }, { body: text, mentions: users });
const deletion = shape<Deletion>({ ...head, target: count });
const ownReactions = shape<OwnReactions>({ target: count, emoji: list(text) });
const reaction = shape<Reaction>({ ...head, target: count, emoji: text, on: flag });
const pinning = shape<Pinning>({ ...head, target: count, on: flag });
const topicChange = shape<TopicChange>({ ...head, topic: text, description: text });
const about = shape<About>({ topic: text, description: text, pins: list(count) });
const run = shape<Run>({ text }, { hit: flag });
const hit = shape<Hit>({ message, excerpt: list(run) });
const readState = shape<ReadState>({ room: text, read: count, unread: count, mentions: count });
const limits = shape<Limits>({
  max_frame_bytes: count,
  max_body_chars: count,
  max_body_bytes: count,
  max_name_chars: count,
  max_room_name_chars: count,
  max_rooms: count,
  max_page: count,
  max_replay: count,
  max_roster: count,
  max_file_bytes: count,
  max_files: count,
  max_mentions: count,
});

const kinds = {
  message,
  tombstone,
  edit,
  delete: deletion,
  reaction,
  pin: pinning,
  topic: topicChange,
} as const;
const held = shape<Pick<LogEntry, "room" | "seq">>(place);
const entry: FieldReader<LogEntry> = (value, path) => {
  const kind = text(fields(value, path)["kind"], `${path}.kind`);
  if (!Object.hasOwn(kinds, kind)) return { kind: "opaque", of: kind, ...held(value, path) };
  return { kind, ...kinds[kind as keyof typeof kinds](value, path) } as LogEntry;
};
const entries = list(entry);
const covers = shape<Covers>({ from: count, to: count });

const changes = {
  delta: shape<{ joined: User[]; left: string[] }>({ joined: users, left: list(text) }),
  roster: shape<{ users: User[]; complete: boolean }>(listed),
} as const;
const change: FieldReader<PresenceChange | null> = (value, path) => {
  const kind = text(fields(value, path)["kind"], `${path}.kind`);
  if (!Object.hasOwn(changes, kind)) return null;
  return { kind, ...changes[kind as keyof typeof changes](value, path) } as PresenceChange;
};
const presenceFrame = shape<{ room: string; count: number; change: PresenceChange | null }>({
  room: text,
  count,
  change,
});

const errorCode: FieldReader<ErrorCode | "other"> = (value, path) => {
  const code = text(value, path);
  return Object.hasOwn(ERROR_RETRYABLE, code) ? (code as ErrorCode) : "other";
};
const byeCode: FieldReader<ByeCode | "other"> = (value, path) => {
  const code = text(value, path);
  return Object.hasOwn(BYE_RETRYABLE, code) ? (code as ByeCode) : "other";
};

/** A frame's fields beside `type`. */
type FieldsOf<T> = Omit<Extract<Incoming, { type: T }>, "type">;

const room = { room: text };
const answer = { ref: count };
const later = { retry_after: count };
const log = { ...answer, ...room, epoch: text, head: count };

/** As a server sends it that may be older than what it speaks of. */
type Uncovered<T extends "joined" | "page"> = Omit<FieldsOf<T>, "covers"> & { covers?: Covers };

function covering<T extends { entries: readonly LogEntry[]; head: number; covers?: Covers }>(
  reader: FieldReader<T>,
): FieldReader<T & { covers: Covers }> {
  return (value, path) => {
    const read = reader(value, path);
    return { ...read, covers: read.covers ?? coversOf(read.entries, read.head) };
  };
}

/** One decoder per `type`: the compiler keeps every field of the generated types here. */
const decoders: {
  readonly [T in Exclude<Incoming["type"], "unknown" | "presence">]: FieldReader<FieldsOf<T>>;
} = {
  welcome: shape<FieldsOf<"welcome">>({
    session: text,
    user,
    token: text,
    limits,
    heartbeat,
    server: serverInfo,
    ticket: text,
  }),
  joined: covering(
    shape<Uncovered<"joined">>(
      { ...log, members: presence, entries, reset: flag },
      { about, covers, updated: entries },
    ),
  ),
  ok: shape(answer),
  sent: shape({ ...answer, ...room, id: text, seq: count, at: count }),
  page: covering(shape<Uncovered<"page">>({ ...log, entries }, { covers, updated: entries })),
  rooms: shape<FieldsOf<"rooms">>({ ...answer, rooms }, { more: text }),
  pinned: shape({ ...answer, ...room, messages: list(message) }),
  own_reactions: shape({ ...answer, ...room, head: count, messages: list(ownReactions) }),
  unread: shape({ ...answer, rooms: list(readState) }),
  members: shape({ ...answer, ...room, users }),
  results: shape<FieldsOf<"results">>({ ...answer, hits: list(hit) }, { more: text }),
  read: readState,
  pong: shape({}),
  entry: (frame) => ({ entry: entry(frame, "entry") }),
  typing: shape({ ...room, user, on: flag }),
  directory: shape<FieldsOf<"directory">>({ rooms }, { removed: list(text) }),
  removed: shape<FieldsOf<"removed">>(room, { renamed_to: text }),
  error: shape<FieldsOf<"error">>(
    { code: errorCode, message: text },
    { ...answer, ...later, renamed_to: text },
  ),
  bye: shape<FieldsOf<"bye">>({ code: byeCode, reason: text }, later),
};

/** Decodes what an upload is answered with; null where it is something else. Never throws. */
export function decodeFile(value: unknown): FileInfo | null {
  try {
    return file(value, "file");
  } catch (error) {
    if (error instanceof Mismatch) return null;
    throw error;
  }
}

function frameOf(value: unknown): Incoming {
  const from = fields(value, "frame");
  const type = text(from["type"], "type");
  if (type === "presence") {
    const heard = presenceFrame(from, "");
    // A change of a kind that a newer server has.
    return heard.change === null
      ? { type: "unknown", name: type }
      : ({ type, ...heard } as Incoming);
  }
  if (!Object.hasOwn(decoders, type)) return { type: "unknown", name: type };
  const read: FieldReader<object> = decoders[type as keyof typeof decoders];
  return { type, ...read(from, "") } as Incoming;
}

/** Decodes a frame's JSON value. Never throws. */
export function decodeValue(value: unknown): Decoded {
  try {
    return { ok: true, frame: frameOf(value) };
  } catch (error) {
    if (error instanceof Mismatch) return { ok: false, problem: error.message };
    throw error;
  }
}

/** Decodes what a socket delivered. Never throws. */
export function decode(data: unknown): Decoded {
  if (typeof data !== "string") return { ok: false, problem: "not a text frame" };
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return { ok: false, problem: "not JSON" };
  }
  return decodeValue(value);
}

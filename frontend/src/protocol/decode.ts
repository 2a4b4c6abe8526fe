// From a text frame to a typed one: parse, don't validate. Nothing past this file sees raw JSON.

import type {
  About,
  ByeCode,
  Deletion,
  Edit,
  Edited,
  ErrorCode,
  FileInfo,
  Heartbeat,
  Hit,
  Limits,
  Message,
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
import type { Incoming, LogEntry } from "./frames";
import { count, fields, flag, list, maybe, Mismatch, shape, text } from "./read";
import type { Fields, Reader } from "./read";

export type Decoded = { ok: true; frame: Incoming } | { ok: false; problem: string };

const user = shape<User>({ id: text, name: text });
const roomInfo = shape<RoomInfo>({ room: text, members: count, head: count, active_at: count });
const heartbeat = shape<Heartbeat>({ interval: count, timeout: count });
const serverInfo = shape<ServerInfo>({ name: text, version: text });
const users = list(user);
const presence = shape<Presence>({ count, users, complete: flag });
const head = { room: text, seq: count, id: text, sender: user, at: count };
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

const place = shape<Pick<LogEntry, "room" | "seq">>({ room: text, seq: count });
const entry: Reader<LogEntry> = (value, path) => {
  const kind = text(fields(value, path)["kind"], `${path}.kind`);
  switch (kind) {
    case "message":
      return { kind, ...message(value, path) };
    case "tombstone":
      return { kind, ...tombstone(value, path) };
    case "edit":
      return { kind, ...edit(value, path) };
    case "delete":
      return { kind, ...deletion(value, path) };
    case "reaction":
      return { kind, ...reaction(value, path) };
    case "pin":
      return { kind, ...pinning(value, path) };
    case "topic":
      return { kind, ...topicChange(value, path) };
    default:
      return { kind: "opaque", of: kind, ...place(value, path) };
  }
};
const entries = list(entry);

const delta = shape<{ joined: User[]; left: string[] }>({ joined: users, left: list(text) });
const roster = shape<{ users: User[]; complete: boolean }>({ users, complete: flag });
const change: Reader<PresenceChange | null> = (value, path) => {
  const kind = text(fields(value, path)["kind"], `${path}.kind`);
  switch (kind) {
    case "delta":
      return { kind, ...delta(value, path) };
    case "roster":
      return { kind, ...roster(value, path) };
    default:
      return null;
  }
};

const errorCode: Reader<ErrorCode | "other"> = (value, path) => {
  const code = text(value, path);
  return Object.hasOwn(ERROR_RETRYABLE, code) ? (code as ErrorCode) : "other";
};
const byeCode: Reader<ByeCode | "other"> = (value, path) => {
  const code = text(value, path);
  return Object.hasOwn(BYE_RETRYABLE, code) ? (code as ByeCode) : "other";
};

type Decoder = (from: Fields) => Incoming;

/** One decoder per `type`: the compiler keeps every field of the generated types here. */
const decoders: Readonly<Record<Exclude<Incoming["type"], "unknown">, Decoder>> = {
  welcome: (f) => ({
    type: "welcome",
    session: text(f["session"], "session"),
    user: user(f["user"], "user"),
    token: text(f["token"], "token"),
    limits: limits(f["limits"], "limits"),
    heartbeat: heartbeat(f["heartbeat"], "heartbeat"),
    server: serverInfo(f["server"], "server"),
    ticket: text(f["ticket"], "ticket"),
  }),
  joined: (f) => ({
    type: "joined",
    ref: count(f["ref"], "ref"),
    room: text(f["room"], "room"),
    epoch: text(f["epoch"], "epoch"),
    head: count(f["head"], "head"),
    members: presence(f["members"], "members"),
    ...maybe(f, "about", about),
    entries: entries(f["entries"], "entries"),
    reset: flag(f["reset"], "reset"),
  }),
  ok: (f) => ({ type: "ok", ref: count(f["ref"], "ref") }),
  sent: (f) => ({
    type: "sent",
    ref: count(f["ref"], "ref"),
    room: text(f["room"], "room"),
    id: text(f["id"], "id"),
    seq: count(f["seq"], "seq"),
    at: count(f["at"], "at"),
  }),
  page: (f) => ({
    type: "page",
    ref: count(f["ref"], "ref"),
    room: text(f["room"], "room"),
    epoch: text(f["epoch"], "epoch"),
    head: count(f["head"], "head"),
    entries: entries(f["entries"], "entries"),
  }),
  rooms: (f) => ({
    type: "rooms",
    ref: count(f["ref"], "ref"),
    rooms: list(roomInfo)(f["rooms"], "rooms"),
  }),
  pinned: (f) => ({
    type: "pinned",
    ref: count(f["ref"], "ref"),
    room: text(f["room"], "room"),
    messages: list(message)(f["messages"], "messages"),
  }),
  unread: (f) => ({
    type: "unread",
    ref: count(f["ref"], "ref"),
    rooms: list(readState)(f["rooms"], "rooms"),
  }),
  members: (f) => ({
    type: "members",
    ref: count(f["ref"], "ref"),
    room: text(f["room"], "room"),
    users: users(f["users"], "users"),
  }),
  results: (f) => ({
    type: "results",
    ref: count(f["ref"], "ref"),
    hits: list(hit)(f["hits"], "hits"),
    ...maybe(f, "more", text),
  }),
  read: (f) => ({ type: "read", ...readState(f, "read") }),
  pong: () => ({ type: "pong" }),
  entry: (f) => ({ type: "entry", entry: entry(f, "entry") }),
  presence: (f) => {
    const room = text(f["room"], "room");
    const what = change(f["change"], "change");
    if (what === null) return { type: "unknown", name: "presence" };
    return { type: "presence", room, count: count(f["count"], "count"), change: what };
  },
  typing: (f) => ({
    type: "typing",
    room: text(f["room"], "room"),
    user: user(f["user"], "user"),
    on: flag(f["on"], "on"),
  }),
  directory: (f) => ({ type: "directory", rooms: list(roomInfo)(f["rooms"], "rooms") }),
  error: (f) => ({
    type: "error",
    ...maybe(f, "ref", count),
    code: errorCode(f["code"], "code"),
    message: text(f["message"], "message"),
    ...maybe(f, "retry_after", count),
  }),
  bye: (f) => ({
    type: "bye",
    code: byeCode(f["code"], "code"),
    reason: text(f["reason"], "reason"),
    ...maybe(f, "retry_after", count),
  }),
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

/** Decodes a frame's JSON value. Never throws. */
export function decodeValue(value: unknown): Decoded {
  try {
    const from = fields(value, "frame");
    const type = text(from["type"], "type");
    if (!Object.hasOwn(decoders, type)) return { ok: true, frame: { type: "unknown", name: type } };
    return { ok: true, frame: decoders[type as keyof typeof decoders](from) };
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

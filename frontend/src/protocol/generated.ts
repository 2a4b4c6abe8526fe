// Generated from the Rust crate maru-protocol by `make generate`. Do not edit.

export type Seq = number;

export type SessionId = string;

export type MessageId = string;

export type Epoch = string;

export type UserId = string;

export type Ref = number;

export type Position = { 
/**
 * The epoch the seq belongs to.
 */
epoch: Epoch, 
/**
 * The last seq that the client has; 0 for none.
 */
seq: Seq, };

export type RoomName = string;

export type DisplayName = string;

export type Body = string;

export type User = { 
/**
 * Who; stays the same when the name changes.
 */
id: UserId, 
/**
 * What they are called.
 */
name: DisplayName, };

export type Message = { 
/**
 * The room.
 */
room: RoomName, 
/**
 * Its number there.
 */
seq: Seq, 
/**
 * The id that the sender's client made.
 */
id: MessageId, 
/**
 * Who sent it, with the name they had then.
 */
sender: User, 
/**
 * When the server took it: milliseconds since 1970-01-01T00:00Z. Never orders anything.
 */
at: number, 
/**
 * What it says.
 */
body: Body, };

export type Entry = { "kind": "message" } & Message;

export type Limits = { 
/**
 * Most bytes in one frame from a client; a longer one closes the connection with 1009.
 */
max_frame_bytes: number, 
/**
 * Most characters in a message's body.
 */
max_body_chars: number, 
/**
 * Most UTF-8 bytes in a message's body.
 */
max_body_bytes: number, 
/**
 * Most characters in a display name.
 */
max_name_chars: number, 
/**
 * Most characters in a room's name.
 */
max_room_name_chars: number, 
/**
 * Most rooms that one session can be in at a time.
 */
max_rooms: number, 
/**
 * Most entries in a `page`.
 */
max_page: number, 
/**
 * Most entries that a `join` with `after` replays; a client that missed more is `reset`.
 */
max_replay: number, 
/**
 * Up to this many people `members` lists all; above it is a count and a sample.
 */
max_roster: number, };

export type Heartbeat = { 
/**
 * Milliseconds. The server pings (RFC 6455 section 5.5.2) a connection that was silent for
 * this long; a client does well to send `ping` when it heard nothing for as long.
 */
interval: number, 
/**
 * Milliseconds of silence after which either end gives the connection up.
 */
timeout: number, };

export type ServerInfo = { 
/**
 * What its operator calls it.
 */
name: string, 
/**
 * Its version (Semantic Versioning).
 */
version: string, };

export type Presence = { 
/**
 * How many people; one with several sessions counts once.
 */
count: number, 
/**
 * Everybody when `complete`, otherwise some of them.
 */
users: Array<User>, 
/**
 * Whether `users` is everybody.
 */
complete: boolean, };

export type PresenceChange = { "kind": "delta", 
/**
 * Came, or have a new name.
 */
joined: Array<User>, 
/**
 * Went.
 */
left: Array<UserId>, } | { "kind": "roster", 
/**
 * The people.
 */
users: Array<User>, 
/**
 * Whether that is everybody.
 */
complete: boolean, };

export type RoomInfo = { 
/**
 * Its name.
 */
room: RoomName, 
/**
 * How many people are in it now.
 */
members: number, 
/**
 * The newest seq; 0 in an empty room.
 */
head: Seq, 
/**
 * When something last happened there, milliseconds since 1970-01-01T00:00Z: the newest entry,
 * or its making.
 */
active_at: number, };

export type ErrorCode = "not_json" | "unknown_type" | "malformed" | "binary_frame" | "unsupported_version" | "hello_required" | "already_greeted" | "invalid_token" | "invalid_name" | "name_taken" | "invalid_room" | "room_not_found" | "room_exists" | "not_joined" | "too_many_rooms" | "invalid_body" | "invalid_id" | "rate_limited" | "overloaded" | "unavailable" | "shutting_down" | "internal";

export type ByeCode = "shutdown" | "slow_reader" | "heartbeat_timeout" | "hello_timeout" | "unsupported_version" | "too_many_errors";

export type ClientFrame = { "type": "hello", 
/**
 * The protocol's version, [`crate::VERSION`].
 */
version: number, 
/**
 * The identity token of an earlier `welcome`; without one the server makes a guest.
 */
token?: string, 
/**
 * The name to go by; required without a token, renames its holder with one.
 */
name?: DisplayName, } | { "type": "join", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Which room.
 */
room: RoomName, 
/**
 * The last entry that the client has; what came after it is replayed.
 */
after?: Position, } | { "type": "leave", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Which room.
 */
room: RoomName, } | { "type": "create", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Its name.
 */
room: RoomName, } | { "type": "send", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Where.
 */
room: RoomName, 
/**
 * Made by the client; a retry repeats it and gets the seq of the first.
 */
id: MessageId, 
/**
 * What.
 */
body: Body, } | { "type": "history", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Which room.
 */
room: RoomName, 
/**
 * Entries below this seq, the nearest ones. Not together with `after`.
 */
before?: Seq, 
/**
 * Entries above this seq, the nearest ones. Not together with `before`.
 */
after?: Seq, 
/**
 * At most this many, 1 to `max_page`; `max_page` without it.
 */
limit?: number, } | { "type": "rooms", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Only rooms whose name contains this, case aside.
 */
query?: string, 
/**
 * Start (`true`) or stop (`false`) `directory` events for this session; unchanged
 * without it.
 */
watch?: boolean, } | { "type": "typing", 
/**
 * Where.
 */
room: RoomName, 
/**
 * Started or stopped.
 */
on: boolean, } | { "type": "ping" };

export type ServerFrame = { "type": "welcome", 
/**
 * This connection.
 */
session: SessionId, 
/**
 * Who the client is from now on.
 */
user: User, 
/**
 * Proves it in a later `hello`: keep it, show it to nobody.
 */
token: string, 
/**
 * The bounds of this server.
 */
limits: Limits, 
/**
 * How both ends notice that the other is gone.
 */
heartbeat: Heartbeat, 
/**
 * Which server this is.
 */
server: ServerInfo, } | { "type": "joined", 
/**
 * Pairs the request.
 */
ref: Ref, 
/**
 * The room, spelled as its maker did.
 */
room: RoomName, 
/**
 * The journal's epoch.
 */
epoch: Epoch, 
/**
 * The newest seq; 0 in an empty room.
 */
head: Seq, 
/**
 * Who is here.
 */
members: Presence, 
/**
 * What came after `after`; the newest page without it or on a `reset`. Ascending.
 */
entries: Array<Entry>, 
/**
 * `entries` do not continue what the client holds (too much missed, another epoch, ahead
 * of the head): forget it.
 */
reset: boolean, } | { "type": "ok", 
/**
 * Pairs the request.
 */
ref: Ref, } | { "type": "sent", 
/**
 * Pairs the request.
 */
ref: Ref, 
/**
 * The room.
 */
room: RoomName, 
/**
 * The message.
 */
id: MessageId, 
/**
 * Its number.
 */
seq: Seq, 
/**
 * When the server took it, milliseconds since 1970-01-01T00:00Z.
 */
at: number, } | { "type": "page", 
/**
 * Pairs the request.
 */
ref: Ref, 
/**
 * The room.
 */
room: RoomName, 
/**
 * The journal's epoch.
 */
epoch: Epoch, 
/**
 * The newest seq.
 */
head: Seq, 
/**
 * Ascending.
 */
entries: Array<Entry>, } | { "type": "rooms", 
/**
 * Pairs the request.
 */
ref: Ref, 
/**
 * The rooms.
 */
rooms: Array<RoomInfo>, } | { "type": "pong" } | { "type": "entry" } & Entry | { "type": "presence", 
/**
 * The room.
 */
room: RoomName, 
/**
 * How many people are here.
 */
count: number, 
/**
 * What changed.
 */
change: PresenceChange, } | { "type": "typing", 
/**
 * The room.
 */
room: RoomName, 
/**
 * Who.
 */
user: User, 
/**
 * Started or stopped.
 */
on: boolean, } | { "type": "directory", 
/**
 * The rooms that changed; what is not named did not.
 */
rooms: Array<RoomInfo>, } | { "type": "error", 
/**
 * Pairs the request, where it had one.
 */
ref?: Ref, 
/**
 * What to act on.
 */
code: ErrorCode, 
/**
 * For a person.
 */
message: string, 
/**
 * Milliseconds to wait before a retry.
 */
retry_after?: number, } | { "type": "bye", 
/**
 * What to act on.
 */
code: ByeCode, 
/**
 * For a person.
 */
reason: string, 
/**
 * Milliseconds to wait before connecting again; spread over the clients, so that they
 * don't all come at once. Without it: don't.
 */
retry_after?: number, };

export const VERSION = 1;
export const MAX_BODY_CHARS = 4000;
export const MAX_BODY_BYTES = 16384;
export const MAX_NAME_CHARS = 40;
export const MAX_ROOM_NAME_CHARS = 64;

/** Whether the same attempt, later, can succeed. */
export const ERROR_RETRYABLE: Readonly<Record<ErrorCode, boolean>> = {
  not_json: false,
  unknown_type: false,
  malformed: false,
  binary_frame: false,
  unsupported_version: false,
  hello_required: false,
  already_greeted: false,
  invalid_token: false,
  invalid_name: false,
  name_taken: false,
  invalid_room: false,
  room_not_found: false,
  room_exists: false,
  not_joined: false,
  too_many_rooms: false,
  invalid_body: false,
  invalid_id: false,
  rate_limited: true,
  overloaded: true,
  unavailable: true,
  shutting_down: true,
  internal: true,
};

/** Whether to connect again. */
export const BYE_RETRYABLE: Readonly<Record<ByeCode, boolean>> = {
  shutdown: true,
  slow_reader: true,
  heartbeat_timeout: true,
  hello_timeout: true,
  unsupported_version: false,
  too_many_errors: false,
};

// Generated from the Rust crate maru-protocol by `make generate`. Do not edit.

export type Seq = number;

export type SessionId = string;

export type MessageId = string;

export type Epoch = string;

export type UserId = string;

export type Ref = number;

export type Covers = { 
/**
 * The oldest; the next older page is the one before it. 1 where the log begins.
 */
from: Seq, 
/**
 * The newest; `from` - 1 in a page of nothing.
 */
to: Seq, };

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

export type Emoji = string;

export type Topic = string;

export type Description = string;

export type About = { 
/**
 * One line; empty for none.
 */
topic: Topic, 
/**
 * Some lines; empty for none.
 */
description: Description, 
/**
 * The pinned messages, the latest pinned first; at most `MAX_PINS`.
 */
pins: Array<Seq>, };

export type FileId = string;

export type FileName = string;

export type FileInfo = { 
/**
 * Names it to the server; nobody can guess one.
 */
id: FileId, 
/**
 * What it is called.
 */
name: FileName, 
/**
 * What it is by its content (a media type, RFC 6838); `application/octet-stream` where the
 * server doesn't know it.
 */
media_type: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * Of an image that can be shown in place: its width in pixels, as it is to be seen.
 */
width?: number, 
/**
 * And its height.
 */
height?: number, };

export type User = { 
/**
 * Who; stays the same when the name changes.
 */
id: UserId, 
/**
 * What they are called.
 */
name: DisplayName, };

export type Quote = { 
/**
 * Its number in the same room.
 */
seq: Seq, 
/**
 * Who sent it.
 */
sender: User, 
/**
 * How its text begins, at most `MAX_EXCERPT_CHARS` characters. Missing where it was
 * deleted or only carries files.
 */
excerpt?: string, 
/**
 * It was deleted.
 */
deleted?: boolean, };

export type Edited = { 
/**
 * The entry that did it.
 */
seq: Seq, 
/**
 * Milliseconds since 1970-01-01T00:00Z.
 */
at: number, };

export type Reacted = { 
/**
 * Which.
 */
emoji: Emoji, 
/**
 * How many people.
 */
count: number, 
/**
 * Who, the first ones first; at most `MAX_REACTED_USERS` of them.
 */
users: Array<User>, };

export type OwnReactions = { 
/**
 * The message.
 */
target: Seq, 
/**
 * Which, in the message's order.
 */
emoji: Array<Emoji>, };

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
 * What it says. Missing where it only carries files.
 */
body?: Body, 
/**
 * What it answers.
 */
reply_to?: Quote, 
/**
 * Who is mentioned in it, with the name that stands behind the `@`.
 */
mentions?: Array<User>, 
/**
 * What it carries.
 */
files?: Array<FileInfo>, 
/**
 * Its text is not the first one.
 */
edited?: Edited, 
/**
 * What people put on it, in the order of the first of each emoji.
 */
reactions?: Array<Reacted>, 
/**
 * The seq of the newest entry that this state of the message has in it. An entry with a
 * greater seq that targets the message is to be applied to it; any other is known already.
 * Without it: none.
 */
changed?: Seq, };

export type Tombstone = { 
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
 * Who had sent it.
 */
sender: User, 
/**
 * When they had: milliseconds since 1970-01-01T00:00Z.
 */
at: number, 
/**
 * When it was deleted: milliseconds since 1970-01-01T00:00Z.
 */
deleted_at: number, 
/**
 * The seq of the entry that deleted it.
 */
changed: Seq, };

export type Edit = { 
/**
 * The room.
 */
room: RoomName, 
/**
 * Its number there.
 */
seq: Seq, 
/**
 * The id that the client made which asked for it.
 */
id: MessageId, 
/**
 * Who did it, with the name they had then.
 */
sender: User, 
/**
 * When the server took it: milliseconds since 1970-01-01T00:00Z.
 */
at: number, 
/**
 * The message, by its number.
 */
target: Seq, 
/**
 * What it says now. Missing where it was read back after the message was deleted.
 */
body?: Body, 
/**
 * Who is mentioned in it now.
 */
mentions?: Array<User>, };

export type Deletion = { 
/**
 * The room.
 */
room: RoomName, 
/**
 * Its number there.
 */
seq: Seq, 
/**
 * The id that the client made which asked for it.
 */
id: MessageId, 
/**
 * Who did it, with the name they had then.
 */
sender: User, 
/**
 * When the server took it: milliseconds since 1970-01-01T00:00Z.
 */
at: number, 
/**
 * The message, by its number.
 */
target: Seq, };

export type Reaction = { 
/**
 * The room.
 */
room: RoomName, 
/**
 * Its number there.
 */
seq: Seq, 
/**
 * The id that the client made which asked for it.
 */
id: MessageId, 
/**
 * Who did it, with the name they had then.
 */
sender: User, 
/**
 * When the server took it: milliseconds since 1970-01-01T00:00Z.
 */
at: number, 
/**
 * The message, by its number.
 */
target: Seq, 
/**
 * Which.
 */
emoji: Emoji, 
/**
 * Put there, or taken back.
 */
on: boolean, };

export type Pinning = { 
/**
 * The room.
 */
room: RoomName, 
/**
 * Its number there.
 */
seq: Seq, 
/**
 * The id that the client made which asked for it.
 */
id: MessageId, 
/**
 * Who did it, with the name they had then.
 */
sender: User, 
/**
 * When the server took it: milliseconds since 1970-01-01T00:00Z.
 */
at: number, 
/**
 * The message, by its number.
 */
target: Seq, 
/**
 * Pinned, or no more.
 */
on: boolean, };

export type TopicChange = { 
/**
 * The room.
 */
room: RoomName, 
/**
 * Its number there.
 */
seq: Seq, 
/**
 * The id that the client made which asked for it.
 */
id: MessageId, 
/**
 * Who did it, with the name they had then.
 */
sender: User, 
/**
 * When the server took it: milliseconds since 1970-01-01T00:00Z.
 */
at: number, 
/**
 * One line; empty for none.
 */
topic: Topic, 
/**
 * Some lines; empty for none.
 */
description: Description, };

export type Entry = { "kind": "message" } & Message | { "kind": "tombstone" } & Tombstone | { "kind": "edit" } & Edit | { "kind": "delete" } & Deletion | { "kind": "reaction" } & Reaction | { "kind": "pin" } & Pinning | { "kind": "topic" } & TopicChange;

export type Query = string;

export type Run = { 
/**
 * As it stands in the message.
 */
text: string, 
/**
 * It matched.
 */
hit?: boolean, };

export type Hit = { 
/**
 * The message as it is now.
 */
message: Message, 
/**
 * The part of its text around the first match, cut into what matched and what did not.
 */
excerpt: Array<Run>, };

export type ReadState = { 
/**
 * The room.
 */
room: RoomName, 
/**
 * The newest entry that was read.
 */
read: Seq, 
/**
 * Messages of others above it that are not deleted; counted up to `MAX_UNREAD`.
 */
unread: number, 
/**
 * Those of them that mention one; counted up to `MAX_UNREAD`.
 */
mentions: number, };

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
max_roster: number, 
/**
 * Most bytes of a file.
 */
max_file_bytes: number, 
/**
 * Most files that one message carries.
 */
max_files: number, 
/**
 * Most people that one message mentions.
 */
max_mentions: number, };

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
 * When something was last said there, milliseconds since 1970-01-01T00:00Z: the newest message or
 * topic, or its making. What becomes of older messages does not count.
 */
active_at: number, };

export type ErrorCode = "not_json" | "unknown_type" | "malformed" | "binary_frame" | "unsupported_version" | "hello_required" | "already_greeted" | "invalid_token" | "invalid_name" | "name_taken" | "invalid_room" | "room_not_found" | "room_renamed" | "room_exists" | "not_joined" | "too_many_rooms" | "invalid_body" | "invalid_id" | "message_not_found" | "not_yours" | "too_many_reactions" | "too_many_pins" | "invalid_emoji" | "invalid_topic" | "invalid_query" | "user_not_found" | "file_not_found" | "rate_limited" | "overloaded" | "unavailable" | "shutting_down" | "internal";

export type ByeCode = "shutdown" | "slow_reader" | "heartbeat_timeout" | "hello_timeout" | "signed_out" | "rate_limited" | "unsupported_version" | "too_many_errors";

export type ClientFrame = { "type": "hello", 
/**
 * The protocol's version, `VERSION`.
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
 * What. Needed unless there are files.
 */
body?: Body, 
/**
 * The message that it answers.
 */
reply_to?: Seq, 
/**
 * Who is mentioned in it: its text has `@` and their name. At most `max_mentions`.
 */
mentions?: Array<UserId>, 
/**
 * What it carries: files that the same person uploaded to this room and has not sent yet.
 * At most `max_files`.
 */
files?: Array<FileId>, } | { "type": "edit", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Where.
 */
room: RoomName, 
/**
 * Made by the client for this change, as for a message.
 */
id: MessageId, 
/**
 * The message.
 */
target: Seq, 
/**
 * What it says from now on.
 */
body: Body, 
/**
 * Who is mentioned in it from now on.
 */
mentions?: Array<UserId>, } | { "type": "delete", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Where.
 */
room: RoomName, 
/**
 * Made by the client for this change.
 */
id: MessageId, 
/**
 * The message.
 */
target: Seq, } | { "type": "react", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Where.
 */
room: RoomName, 
/**
 * Made by the client for this change.
 */
id: MessageId, 
/**
 * The message.
 */
target: Seq, 
/**
 * Which.
 */
emoji: Emoji, 
/**
 * Put it there, or take it back.
 */
on: boolean, } | { "type": "pin", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Where.
 */
room: RoomName, 
/**
 * Made by the client for this change.
 */
id: MessageId, 
/**
 * The message.
 */
target: Seq, 
/**
 * Pin it, or unpin it.
 */
on: boolean, } | { "type": "topic", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Where.
 */
room: RoomName, 
/**
 * Made by the client for this change.
 */
id: MessageId, 
/**
 * One line; empty for none.
 */
topic: Topic, 
/**
 * Some lines; empty for none.
 */
description: Description, } | { "type": "pinned", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Which room.
 */
room: RoomName, } | { "type": "own_reactions", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Which room.
 */
room: RoomName, 
/**
 * Which messages.
 */
targets: Array<Seq>, } | { "type": "history", 
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
 * The message of this id, or the one that this entry changed, and what was said before and
 * after it; `message_not_found` where there is none. Not together with the others.
 */
around?: MessageId, 
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
watch?: boolean, 
/**
 * Where the answer before went on: its `more`.
 */
more?: string, } | { "type": "read", 
/**
 * Where.
 */
room: RoomName, 
/**
 * The newest entry that was seen.
 */
seq: Seq, } | { "type": "unread", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Which rooms; what is not there is left out of the answer.
 */
rooms: Array<RoomName>, } | { "type": "members", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * Which room.
 */
room: RoomName, 
/**
 * How the name begins; anybody without it.
 */
query?: string, } | { "type": "search", 
/**
 * Pairs the answer.
 */
ref: Ref, 
/**
 * What to look for.
 */
query: Query, 
/**
 * Only there; in all rooms that the session is in without it.
 */
room?: RoomName, 
/**
 * Where the answer before went on: its `more`.
 */
more?: string, } | { "type": "typing", 
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
server: ServerInfo, 
/**
 * Lets its holder fetch files: `/api/v1/files/{id}?ticket=`. Valid for some hours, so use
 * the one of the latest `welcome`.
 */
ticket: string, } | { "type": "joined", 
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
 * What the room is about, as of `head`; missing where nobody has said.
 */
about?: About, 
/**
 * What came after `after`; the newest page without it or on a `reset`. Ascending.
 */
entries: Array<Entry>, 
/**
 * The seqs that `entries` and `updated` speak of, up to `head`.
 */
covers: Covers, 
/**
 * Messages below `covers` as they are now, which were changed since and whose changes
 * `entries` does not list. Missing where there are none.
 */
updated?: Array<Entry>, 
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
 * The id of the request.
 */
id: MessageId, 
/**
 * The number of the entry that it became.
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
entries: Array<Entry>, 
/**
 * The seqs that `entries` and `updated` speak of.
 */
covers: Covers, 
/**
 * In a page `after`: messages below `covers` as they are now, which were changed within it
 * and whose changes `entries` does not list. Missing where there are none.
 */
updated?: Array<Entry>, } | { "type": "rooms", 
/**
 * Pairs the request.
 */
ref: Ref, 
/**
 * The rooms.
 */
rooms: Array<RoomInfo>, 
/**
 * There may be more: what to ask for them with. Also where there are fewer than 100, or none.
 */
more?: string, } | { "type": "pinned", 
/**
 * Pairs the request.
 */
ref: Ref, 
/**
 * The room.
 */
room: RoomName, 
/**
 * The messages as they are now, the latest pinned first.
 */
messages: Array<Message>, } | { "type": "own_reactions", 
/**
 * Pairs the request.
 */
ref: Ref, 
/**
 * The room.
 */
room: RoomName, 
/**
 * Each entry up to this one is in the answer.
 */
head: Seq, 
/**
 * Of the messages that were asked for those on which there is one.
 */
messages: Array<OwnReactions>, } | { "type": "unread", 
/**
 * Pairs the request.
 */
ref: Ref, 
/**
 * Rooms that one has read in before; others are left out.
 */
rooms: Array<ReadState>, } | { "type": "members", 
/**
 * Pairs the request.
 */
ref: Ref, 
/**
 * The room.
 */
room: RoomName, 
/**
 * By name.
 */
users: Array<User>, } | { "type": "results", 
/**
 * Pairs the request.
 */
ref: Ref, 
/**
 * The best first.
 */
hits: Array<Hit>, 
/**
 * There are more: what to ask for them with.
 */
more?: string, } | { "type": "read" } & ReadState | { "type": "pong" } | { "type": "entry" } & Entry | { "type": "presence", 
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
rooms: Array<RoomInfo>, 
/**
 * Rooms that are there no more.
 */
removed?: Array<RoomName>, } | { "type": "removed", 
/**
 * Which room.
 */
room: RoomName, 
/**
 * The room's name now; missing where it is there no more.
 */
renamed_to?: RoomName, } | { "type": "error", 
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
retry_after?: number, 
/**
 * The room's name now, with `room_renamed`.
 */
renamed_to?: RoomName, } | { "type": "bye", 
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
export const MAX_MENTIONS = 20;
export const MAX_FILES = 10;
export const MAX_REACTIONS = 20;
export const MAX_REACTED_USERS = 50;
export const MAX_PINS = 50;
export const MAX_EXCERPT_CHARS = 140;
export const MAX_TOPIC_CHARS = 120;
export const MAX_DESCRIPTION_CHARS = 2000;
export const MAX_QUERY_CHARS = 100;
export const MAX_UNREAD = 100;

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
  room_renamed: false,
  room_exists: false,
  not_joined: false,
  too_many_rooms: false,
  invalid_body: false,
  invalid_id: false,
  message_not_found: false,
  not_yours: false,
  too_many_reactions: false,
  too_many_pins: false,
  invalid_emoji: false,
  invalid_topic: false,
  invalid_query: false,
  user_not_found: false,
  file_not_found: false,
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
  signed_out: true,
  rate_limited: true,
  unsupported_version: false,
  too_many_errors: false,
};

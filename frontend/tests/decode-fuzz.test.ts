import { describe, expect, it } from "vitest";
import serverFrames from "../../protocol/golden/server.json";
import { decode, decodeValue } from "../src/protocol/decode";
import type { Incoming, LogEntry } from "../src/protocol/frames";
import { BYE_RETRYABLE, ERROR_RETRYABLE } from "../src/protocol/generated";
import { forSeeds, pick } from "./support/random";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const NASTY: readonly Json[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  9_007_199_254_740_992,
  "",
  "message",
  "__proto__",
  "\ud800",
  "a".repeat(300),
  [],
  {},
  [[]],
  { kind: "message" },
];
const KEYS = (
  "type ref room seq id kind code message reason entries entry head epoch members users count " +
  "complete change joined left on user name token limits heartbeat server at body sender " +
  "retry_after rooms reset session active_at __proto__ constructor"
).split(" ");
const TYPES = serverFrames.map((frame) => frame.type);

function anything(random: () => number, depth: number): Json {
  const dice = random();
  if (depth === 0 || dice < 0.45) return pick(random, NASTY);
  const size = Math.floor(random() * 5);
  if (dice < 0.6) return Array.from({ length: size }, () => anything(random, depth - 1));
  return Object.fromEntries(
    Array.from({ length: size * 2 }, () => [pick(random, KEYS), anything(random, depth - 1)]),
  );
}

/** Replaces, drops, doubles or adds one thing somewhere. */
function mutated(value: Json, random: () => number): Json {
  if (typeof value !== "object" || value === null || random() < 0.15) return anything(random, 2);
  if (Array.isArray(value)) {
    if (value.length === 0 || random() < 0.2) return [...value, anything(random, 2)];
    const at = Math.floor(random() * value.length);
    return value.map((item, i) => (i === at ? mutated(item, random) : item));
  }
  const keys = Object.keys(value);
  const key = pick(random, random() < 0.8 && keys.length > 0 ? keys : KEYS);
  const copy: Record<string, Json> = { ...value };
  if (random() < 0.2) Reflect.deleteProperty(copy, key);
  else copy[key] = mutated(copy[key] ?? null, random);
  return copy;
}

// An oracle apart from the decoder: what each field may be, written down a second time.

const whole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
type Check = (value: unknown) => boolean;
const str: Check = (value) => typeof value === "string";
const bool: Check = (value) => typeof value === "boolean";
const many =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const record =
  (checks: Record<string, Check>, optional: Record<string, Check> = {}): Check =>
  (value) => {
    if (typeof value !== "object" || value === null) return false;
    const of = value as Record<string, unknown>;
    return (
      Object.entries(checks).every(([key, check]) => Object.hasOwn(of, key) && check(of[key])) &&
      Object.entries(optional).every(([key, check]) => !Object.hasOwn(of, key) || check(of[key])) &&
      Object.keys(of).every((key) => key === "type" || key in checks || key in optional)
    );
  };
const user = record({ id: str, name: str });
const info = record({ room: str, members: whole, head: whole, active_at: whole });
const head = { room: str, seq: whole, id: str, sender: user, at: whole };
const said: [Record<string, Check>, Record<string, Check>] = [
  head,
  {
    body: str,
    reply_to: record({ seq: whole, sender: user }, { excerpt: str, deleted: bool }),
    mentions: many(user),
    files: many(
      record({ id: str, name: str, media_type: str, size: whole }, { width: whole, height: whole }),
    ),
    edited: record({ seq: whole, at: whole }),
    reactions: many(record({ emoji: str, count: whole, users: many(user) })),
    changed: whole,
  },
];
const target = { ...head, target: whole };
const KINDS: Readonly<Record<LogEntry["kind"], [Record<string, Check>, Record<string, Check>?]>> = {
  message: said,
  tombstone: [{ ...head, deleted_at: whole, changed: whole }],
  edit: [target, { body: str, mentions: many(user) }],
  delete: [target],
  reaction: [{ ...target, emoji: str, on: bool }],
  pin: [{ ...target, on: bool }],
  topic: [{ ...head, topic: str, description: str }],
  opaque: [{ of: (of) => str(of) && !Object.hasOwn(KINDS, of as string), room: str, seq: whole }],
};
const entry: Check = (value) => {
  const { kind } = value as LogEntry;
  const [needed, optional] = KINDS[kind];
  return record({ kind: (is) => is === kind, ...needed }, optional)(value);
};
const state = { room: str, read: whole, unread: whole, mentions: whole };
const change: Check = (value) =>
  record({ kind: (k) => k === "delta", joined: many(user), left: many(str) })(value) ||
  record({ kind: (k) => k === "roster", users: many(user), complete: bool })(value);
const covers = record({ from: whole, to: whole });
const counts = (keys: string) => record(Object.fromEntries(keys.split(" ").map((k) => [k, whole])));

const checks: Readonly<Record<Incoming["type"], Check>> = {
  welcome: record({
    session: str,
    user,
    token: str,
    limits: counts(
      "max_frame_bytes max_body_chars max_body_bytes max_name_chars max_room_name_chars " +
        "max_rooms max_page max_replay max_roster max_file_bytes max_files max_mentions",
    ),
    heartbeat: counts("interval timeout"),
    server: record({ name: str, version: str }),
    ticket: str,
  }),
  joined: record(
    {
      ref: whole,
      room: str,
      epoch: str,
      head: whole,
      members: record({ count: whole, users: many(user), complete: bool }),
      entries: many(entry),
      covers,
      reset: bool,
    },
    { about: record({ topic: str, description: str, pins: many(whole) }), updated: many(entry) },
  ),
  ok: record({ ref: whole }),
  sent: record({ ref: whole, room: str, id: str, seq: whole, at: whole }),
  page: record(
    { ref: whole, room: str, epoch: str, head: whole, entries: many(entry), covers },
    { updated: many(entry) },
  ),
  rooms: record({ ref: whole, rooms: many(info) }, { more: str }),
  pinned: record({ ref: whole, room: str, messages: many(record(...said)) }),
  own_reactions: record({
    ref: whole,
    room: str,
    head: whole,
    messages: many(record({ target: whole, emoji: many(str) })),
  }),
  unread: record({ ref: whole, rooms: many(record(state)) }),
  members: record({ ref: whole, room: str, users: many(user) }),
  results: record(
    {
      ref: whole,
      hits: many(
        record({
          message: record(...said),
          excerpt: many(record({ text: str }, { hit: bool })),
        }),
      ),
    },
    { more: str },
  ),
  read: record(state),
  pong: record({}),
  entry: record({ entry }),
  presence: record({ room: str, count: whole, change }),
  typing: record({ room: str, user, on: bool }),
  directory: record({ rooms: many(info) }, { removed: many(str) }),
  removed: record({ room: str }, { renamed_to: str }),
  error: record(
    {
      code: (code) => code === "other" || Object.hasOwn(ERROR_RETRYABLE, String(code)),
      message: str,
    },
    { ref: whole, retry_after: whole, renamed_to: str },
  ),
  bye: record(
    { code: (code) => code === "other" || Object.hasOwn(BYE_RETRYABLE, String(code)), reason: str },
    { retry_after: whole },
  ),
  unknown: record({ name: str }),
};

function wellTyped(value: unknown): boolean {
  const decoded = decode(JSON.stringify(value));
  expect(decodeValue(JSON.parse(JSON.stringify(value)))).toEqual(decoded);
  if (!decoded.ok) {
    expect(decoded.problem).not.toBe("");
    return false;
  }
  if (!checks[decoded.frame.type](decoded.frame)) {
    throw new Error(`${JSON.stringify(value)} became ${JSON.stringify(decoded.frame)}`);
  }
  return true;
}

describe("decode, on what no server should say", () => {
  it("never throws and never lets a wrong type through: mutated golden frames", () => {
    let read = 0;
    let refused = 0;
    forSeeds(4_000, (random) => {
      let frame = pick(random, serverFrames) as Json;
      for (let n = Math.floor(random() * 3) + 1; n > 0; n--) frame = mutated(frame, random);
      if (wellTyped(frame)) read++;
      else refused++;
    });
    // Both ways are walked, or the generator is broken.
    expect(Math.min(read, refused)).toBeGreaterThan(400);
  });

  it("never throws: any JSON", () => {
    forSeeds(2_000, (random) => {
      const value = anything(random, 4);
      wellTyped(value);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        wellTyped({ ...value, type: pick(random, TYPES) });
      }
    });
  });

  it("never throws: any text", () => {
    forSeeds(2_000, (random) => {
      const whole = JSON.stringify(pick(random, serverFrames));
      const cut = whole.slice(0, Math.floor(random() * whole.length));
      expect(decode(cut).ok).toBe(false);
      const at = Math.floor(random() * whole.length);
      const swapped =
        whole.slice(0, at) +
        pick(random, ['"', "{", "]", "\0", ",", "\ud800"]) +
        whole.slice(at + 1);
      expect(() => decode(swapped)).not.toThrow();
    });
  });

  it("survives nesting as deep as a frame can be", () => {
    const deep = `{"type":"rooms","ref":1,"rooms":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
    expect(decode(deep)).toEqual({ ok: false, problem: "rooms[0] is not an object" });
  });
});

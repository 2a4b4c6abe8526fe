import { describe, expect, it } from "vitest";
import clientFrames from "../../protocol/golden/client.json";
import serverFrames from "../../protocol/golden/server.json";
import { decode, decodeValue } from "../src/protocol/decode";
import { encode } from "../src/protocol/encode";
import type { Incoming } from "../src/protocol/frames";
import type { ClientFrame } from "../src/protocol/generated";

/** A decoded frame as the wire has it: the entry's fields stand beside the type. */
function onTheWire(frame: Incoming): unknown {
  if (frame.type !== "entry") return frame;
  const { type, entry } = frame;
  return { type, ...entry };
}

const ENTRY_KEYS = ["room", "seq"];

describe("the golden frames that Rust and TypeScript share", () => {
  it("name every type of both directions", () => {
    // One of each, or a decoder could be wrong unnoticed.
    expect([...new Set(serverFrames.map((frame) => frame.type))].sort()).toEqual(
      "bye directory entry error joined members ok own_reactions page pinned pong presence read removed results rooms sent typing unread welcome".split(
        " ",
      ),
    );
    expect([...new Set(clientFrames.map((frame) => frame.type))].sort()).toEqual(
      "create delete edit hello history join leave members own_reactions pin ping pinned react read rooms search send topic typing unread".split(
        " ",
      ),
    );
  });

  it.each(serverFrames.map((frame, i) => [i, frame.type, frame] as const))(
    "server frame %i (%s) is read completely",
    (_i, _type, frame) => {
      const decoded = decode(JSON.stringify(frame));
      expect(decoded).toMatchObject({ ok: true });
      if (decoded.ok) expect(onTheWire(decoded.frame)).toEqual(frame);
    },
  );

  it.each(clientFrames.map((frame, i) => [i, frame.type, frame] as const))(
    "client frame %i (%s) is written as agreed",
    (_i, _type, frame) => {
      expect(JSON.parse(encode(frame as ClientFrame))).toEqual(frame);
    },
  );

  it("need each of their fields", () => {
    const optional = new Set(
      "error.ref error.retry_after error.renamed_to removed.renamed_to bye.retry_after joined.about joined.covers page.covers page.updated rooms.more directory.removed results.more entry.body entry.reply_to entry.files".split(
        " ",
      ),
    );
    for (const golden of serverFrames) {
      for (const field of Object.keys(golden)) {
        if (optional.has(`${golden.type}.${field}`)) continue;
        const without: Record<string, unknown> = { ...golden };
        Reflect.deleteProperty(without, field);
        const what = `${golden.type} without ${field}`;
        expect({ what, ok: decodeValue(without).ok }).toEqual({ what, ok: false });
      }
    }
  });

  it("may have fields that this client doesn't know", () => {
    for (const golden of serverFrames) {
      const decoded = decodeValue({ ...golden, later: { very: ["new"] } });
      expect(decoded).toMatchObject({ ok: true });
      if (decoded.ok) expect(onTheWire(decoded.frame)).toEqual(golden);
    }
  });
});

describe("what a newer server says", () => {
  it("an unknown type is tolerated by name", () => {
    expect(decode('{"type":"poll","ref":3,"room":"lobby"}')).toEqual({
      ok: true,
      frame: { type: "unknown", name: "poll" },
    });
  });

  it.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
    "a type named like something every object has is unknown too: %s",
    (type) => {
      expect(decode(JSON.stringify({ type }))).toEqual({
        ok: true,
        frame: { type: "unknown", name: type },
      });
    },
  );

  it("a page of a server that leaves nothing out speaks of its entries", () => {
    const frame = { type: "page", ref: 1, room: "lobby", epoch: "e", head: 9 };
    const covers = (seqs: number[]) => {
      const entries = seqs.map((seq) => ({ kind: "poll", room: "lobby", seq }));
      const decoded = decodeValue({ ...frame, entries });
      return decoded.ok && decoded.frame.type === "page" ? decoded.frame.covers : null;
    };
    expect(covers([4, 5, 6])).toEqual({ from: 4, to: 6 });
    expect(covers([])).toEqual({ from: 10, to: 9 });
    expect(covers([1, 2, 5, 6])).toEqual({ from: 5, to: 6 });
  });

  it("an entry of an unknown kind keeps its place", () => {
    const entry = { kind: "poll", room: "lobby", seq: 7, question: "?" };
    const opaque = { kind: "opaque", of: "poll", room: "lobby", seq: 7 };
    expect(decodeValue({ type: "entry", ...entry })).toEqual({
      ok: true,
      frame: { type: "entry", entry: opaque },
    });
    const page = { type: "page", ref: 1, room: "lobby", epoch: "e", head: 7, entries: [entry] };
    expect(decodeValue(page)).toMatchObject({ ok: true, frame: { entries: [opaque] } });
  });

  it.each(ENTRY_KEYS)("an entry of an unknown kind without %s is refused", (key) => {
    const entry: Record<string, unknown> = { type: "entry", kind: "poll", room: "lobby", seq: 7 };
    Reflect.deleteProperty(entry, key);
    expect(decodeValue(entry).ok).toBe(false);
  });

  it("an unknown code keeps its sentence", () => {
    expect(decode('{"type":"error","ref":1,"code":"banned","message":"you are banned"}')).toEqual({
      ok: true,
      frame: { type: "error", ref: 1, code: "other", message: "you are banned" },
    });
    expect(
      decode('{"type":"bye","code":"moved","reason":"we moved","retry_after":5}'),
    ).toMatchObject({ frame: { code: "other", reason: "we moved", retry_after: 5 } });
  });

  it("an unknown change of presence is no reason to drop the rest", () => {
    const frame = { type: "presence", room: "lobby", count: 3, change: { kind: "diff", x: 1 } };
    expect(decodeValue(frame)).toEqual({ ok: true, frame: { type: "unknown", name: "presence" } });
  });
});

describe("what can't be read", () => {
  it.each([
    ["", "not JSON"],
    ["{", "not JSON"],
    ["[]", "frame is not an object"],
    ["null", "frame is not an object"],
    ["7", "frame is not an object"],
    ["{}", "type is not a string"],
    ['{"type":7}', "type is not a string"],
    ['{"type":"ok","ref":-1}', "ref is not a whole number"],
    ['{"type":"ok","ref":1.5}', "ref is not a whole number"],
    ['{"type":"ok","ref":9007199254740992}', "ref is not a whole number"],
    ['{"type":"ok","ref":"1"}', "ref is not a whole number"],
    ['{"type":"directory","rooms":{}}', "rooms is not a list"],
    ['{"type":"directory","rooms":[{"room":1}]}', "rooms[0].room is not a string"],
  ])("%s: %s", (data, problem) => expect(decode(data)).toEqual({ ok: false, problem }));

  it.each([[new ArrayBuffer(4)], [undefined], [null], [{ type: "pong" }], [7]])(
    "nothing but text is a frame: %s",
    (data) => expect(decode(data)).toEqual({ ok: false, problem: "not a text frame" }),
  );
});

describe("encode", () => {
  it("mends half an emoji, which the server's UTF-8 couldn't hold", () => {
    const frame: ClientFrame = { type: "send", ref: 1, room: "r", id: "i", body: "cut \ud83d off" };
    expect(JSON.parse(encode(frame))).toEqual({ ...frame, body: "cut \ufffd off" });
  });

  it("leaves out what is absent", () => {
    const frame: ClientFrame = { type: "hello", version: 1, name: "민지" };
    expect(encode(frame)).toBe('{"type":"hello","version":1,"name":"민지"}');
  });
});

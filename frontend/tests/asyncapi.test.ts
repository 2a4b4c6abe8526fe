// docs/asyncapi.yaml is generated from the Rust types. Here it is held against AsyncAPI's own schema,
// and the frames that Rust and TypeScript share against it: as they are, and as events of Socket.IO.

import { readFileSync } from "node:fs";
import specs from "@asyncapi/specs";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import clientFrames from "../../protocol/golden/client.json";
import serverFrames from "../../protocol/golden/server.json";

interface Document {
  asyncapi: string;
  channels: Record<"connection" | "socketio", { messages: Record<string, { $ref: string }> }>;
  operations: Record<string, { messages: { $ref: string }[]; reply?: { messages: unknown[] } }>;
  components: { messages: Record<string, unknown>; schemas: Record<string, object> };
}

const text = readFileSync(new URL("../../docs/asyncapi.yaml", import.meta.url), "utf8");
const document = parse(text) as Document;

/** Every `$ref` in it. */
function references(value: unknown, found: string[] = []): string[] {
  if (typeof value !== "object" || value === null) return found;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "$ref" && typeof inner === "string") found.push(inner);
    else references(inner, found);
  }
  return found;
}

const at = (pointer: string): unknown =>
  pointer
    .split("/")
    .slice(1)
    .reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | undefined)?.[key],
      document,
    );

// The formats of Rust's integers say nothing that `minimum` doesn't.
const frames = new Ajv({ allErrors: true, strict: false, formats: { uint32: true, uint64: true } });
addFormats(frames);
frames.addSchema({ $id: "maru", components: document.components });

const check = (name: string, value: unknown) => {
  const valid = frames.getSchema(`maru#/components/schemas/${name}`);
  if (valid === undefined) throw new Error(`no schema for ${name}`);
  return { ok: valid(value), errors: valid.errors };
};

const read = (direction: string, frame: { type: string }) =>
  check(`${direction}.${frame.type}`, frame);

const without = (value: object, ...keys: string[]): object =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));

describe("the AsyncAPI document", () => {
  it("is one, by AsyncAPI's own schema", () => {
    // It brings the schema of JSON Schema along.
    const ajv = new Ajv({ strict: false, logger: false, meta: false, validateSchema: false });
    addFormats(ajv);
    const check = ajv.compile(specs.schemas["3.1.0"] as object);
    expect({ ok: check(document), errors: check.errors }).toEqual({ ok: true, errors: null });
    expect(check({ ...document, channels: { connection: { address: 7 } } })).toBe(false);
  });

  it("refers to nothing that isn't there", () => {
    const all = references(document);
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter((pointer) => at(pointer) === undefined)).toEqual([]);
  });

  it("has every message in a channel and in an operation", () => {
    const names = Object.keys(document.components.messages).sort();
    const listed = Object.values(document.channels).flatMap(({ messages }) =>
      Object.keys(messages),
    );
    expect(listed.sort()).toEqual(names);
    const used = references(document.operations).filter((pointer) =>
      pointer.includes("/messages/"),
    );
    const told = new Set(used.map((pointer) => pointer.split("/").at(-1)));
    expect([...told].sort()).toEqual(names);
  });

  it.each([
    ["client", clientFrames],
    ["server", serverFrames],
  ] as const)("describes every frame of the %s", (direction, golden) => {
    for (const frame of golden) {
      expect({ frame, ...read(direction, frame) }).toEqual({ frame, ok: true, errors: null });
    }
  });

  it("describes every frame of the client as an event", () => {
    for (const frame of clientFrames.filter(({ type }) => type !== "hello")) {
      const name = `event.${frame.type}`;
      const argument = without(frame, "type", "ref");
      // A client that does not retry needs no id.
      for (const said of [argument, without(argument, "id")]) {
        expect({ name, said, ...check(name, said) }).toEqual({
          name,
          said,
          ok: true,
          errors: null,
        });
      }
      const operation = document.operations[`socketio.${frame.type}`];
      expect(operation?.reply?.messages).toHaveLength(2);
    }
  });

  it("has the short forms of events", () => {
    for (const [event, argument, ok] of [
      ["join", "lobby", true],
      ["leave", "lobby", true],
      ["members", "lobby", true],
      ["search", "lobby", true],
      ["rooms", {}, true],
      ["ping", {}, true],
      ["chat_message", "hello", true],
      ["send", { room: "lobby", body: "two", files: [{ name: "cat.png" }] }, true],
      ["connect", { version: 1, name: "Ada", recover: true }, true],
      ["connect", {}, true],
      ["send", "lobby", false],
      ["typing", "lobby", false],
      ["join", {}, false],
      ["connect", { version: 2 }, false],
    ] as const) {
      const name = event === "chat_message" ? "Body" : `event.${event}`;
      expect([event, argument, check(name, argument).ok]).toEqual([event, argument, ok]);
    }
  });

  it("refuses what is none", () => {
    expect(read("client", { type: "join" }).ok).toBe(false);
    const typed = { type: "typing", room: "lobby", on: "yes" };
    expect(read("client", typed).ok).toBe(false);
    const entry = { type: "entry", kind: "message", room: "lobby", seq: -1 };
    expect(read("server", entry).ok).toBe(false);
  });
});

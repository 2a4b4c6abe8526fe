import { describe, expect, it } from "vitest";
import { checkDisplayName, checkRoomName } from "../src/protocol/name-rules";
import { characters, checkBody, roomKey } from "../src/protocol/rules";
import { uuidv7 } from "../src/protocol/uuid";
import { seeded } from "./support/random";

const refused = (rule: string) => ({ ok: false, rule });
const accepted = (value: string) => ({ ok: true, value });

describe("display names", () => {
  it.each([
    ["민지", accepted("민지")],
    ["  Ada   Lovelace\t", accepted("Ada Lovelace")],
    ["\u1106\u1175\u11ab\u110c\u1175", accepted("민지")],
    ["👩‍💻", accepted("👩‍💻")],
    ["가".repeat(40), accepted("가".repeat(40))],
    ["가".repeat(41), refused("too_long")],
    ["👍".repeat(40), accepted("👍".repeat(40))],
    ["", refused("empty")],
    ["   ", refused("empty")],
    ["\u200b\u200b", refused("empty")],
    ["\u3164", refused("empty")],
    ["\u2800", refused("empty")],
    ["a\u202eb", refused("forbidden")],
    ["a\u0007b", refused("forbidden")],
    ["a\u200bb", refused("forbidden")],
  ])("%j", (text, expected) => expect(checkDisplayName(text)).toEqual(expected));
});

describe("room names", () => {
  it.each([
    ["lobby", accepted("lobby")],
    [" 사랑방   2 ", accepted("사랑방 2")],
    ["हिन्दी", accepted("हिन्दी")],
    ["a-b_c", accepted("a-b_c")],
    ["x".repeat(64), accepted("x".repeat(64))],
    ["x".repeat(65), refused("too_long")],
    ["-_-", refused("empty")],
    ["", refused("empty")],
    ["a/b", refused("forbidden")],
    ["#lobby", refused("forbidden")],
    ["100%", refused("forbidden")],
    ["a\u200db", refused("forbidden")],
    ["👍", refused("forbidden")],
  ])("%j", (text, expected) => expect(checkRoomName(text)).toEqual(expected));

  it.each([
    ["Lobby", "lOBBY"],
    ["Straße", "STRASSE"],
    ["ΣΑΣ", "σας"],
    ["사랑방", "사랑방".normalize("NFD")],
    ["a b", "  a   b "],
  ])("%j and %j are one room", (a, b) => expect(roomKey(a)).toBe(roomKey(b)));

  it("different rooms stay different", () => {
    expect(roomKey("lobby")).not.toBe(roomKey("lobby 2"));
  });
});

describe("bodies", () => {
  it.each([
    ["안녕\n\tthere", accepted("안녕\n\tthere")],
    [" kept as it is ", accepted(" kept as it is ")],
    ["가".repeat(4_000), accepted("가".repeat(4_000))],
    ["가".repeat(4_001), refused("too_long")],
    ["👍".repeat(4_000), accepted("👍".repeat(4_000))],
    ["👍".repeat(4_001), refused("too_long")],
    ["", refused("empty")],
    [" \n\t ", refused("empty")],
    ["\u200b", refused("empty")],
    ["a\0b", refused("forbidden")],
    ["a\u001bb", refused("forbidden")],
  ])("%#", (text, expected) => expect(checkBody(text)).toEqual(expected));

  it("characters are counted as the server counts them", () => {
    expect(characters("a가👍👩‍💻")).toBe(1 + 1 + 1 + 3);
    expect(characters("\ud83d")).toBe(1);
    expect(characters("")).toBe(0);
  });
});

describe("uuidv7", () => {
  const random = seeded(3);
  const bytes = (buffer: Uint8Array) => buffer.forEach((_, i) => (buffer[i] = random() * 256));

  it("has the form, the version, the variant and the time of RFC 9562", () => {
    const now = 1_763_866_800_123;
    const id = uuidv7(now, bytes);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(now);
  });

  it("is in order of time and never the same", () => {
    const ids = Array.from({ length: 500 }, (_, i) => uuidv7(1_763_866_800_000 + i, bytes));
    expect([...ids].sort()).toEqual(ids);
    const at = Array.from({ length: 500 }, () => uuidv7(1_763_866_800_000, bytes));
    expect(new Set(at).size).toBe(500);
  });

  it("keeps its form when all bits are set or none is", () => {
    expect(uuidv7(0, (buffer) => buffer.fill(0))).toBe("00000000-0000-7000-8000-000000000000");
    expect(uuidv7(2 ** 48 - 1, (buffer) => buffer.fill(255))).toBe(
      "ffffffff-ffff-7fff-bfff-ffffffffffff",
    );
  });
});

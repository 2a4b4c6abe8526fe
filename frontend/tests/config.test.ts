import { afterEach, describe, expect, it, vi } from "vitest";
import { loadConfig, parseConfig } from "../src/config";
import { EXAMPLE } from "../src/ui/features/fatal/fatal";

const PAGE = new URL("https://chat.example.org/app/");
const PLAIN = new URL("http://127.0.0.1:3000/");
const config = (server: unknown) => JSON.stringify({ server });
const server = (text: string, page = PAGE) => {
  const loaded = parseConfig(text, page);
  return loaded.ok ? loaded.config.server : `${loaded.why}: ${loaded.detail}`;
};

describe("config.json", () => {
  it.each([
    ["wss://chat.example.org/ws", "wss://chat.example.org/ws"],
    ["ws://127.0.0.1:8080/ws", "ws://127.0.0.1:8080/ws"],
    ["https://chat.example.org/ws", "wss://chat.example.org/ws"],
    ["http://127.0.0.1:8080/ws", "ws://127.0.0.1:8080/ws"],
    ["HTTPS://Chat.Example.org/ws", "wss://chat.example.org/ws"],
    ["  wss://chat.example.org/ws  ", "wss://chat.example.org/ws"],
    ["wss://chat.example.org/ws#here", "wss://chat.example.org/ws"],
    ["//other.example.org/ws", "wss://other.example.org/ws"],
    ["/chat/ws", "wss://chat.example.org/chat/ws"],
    ["/ws?node=1", "wss://chat.example.org/ws?node=1"],
  ])("%s: %s", (given, expected) => expect(server(config(given))).toBe(expected));

  it("is as secure as the page where it doesn't say", () => {
    expect(server(config("/ws"), PLAIN)).toBe("ws://127.0.0.1:3000/ws");
    expect(server(config("/ws"))).toBe("wss://chat.example.org/ws");
  });

  it.each(["{}", '{"server":""}', '{"server":"  "}', '{"server":null}', '{"other":1}'])(
    "without an address means the page's own host: %s",
    (text) => {
      expect(server(text)).toBe("wss://chat.example.org/ws");
      expect(server(text, PLAIN)).toBe("ws://127.0.0.1:3000/ws");
    },
  );

  it.each([
    ["", "json: "],
    ["<!doctype html>", "json: "],
    ["[]", "object: "],
    ["null", "object: "],
    ['"wss://x"', "object: "],
    [config(7), "text: "],
    [config("javascript:alert(1)"), "scheme: javascript:"],
    [config("localhost:8080/ws"), "scheme: localhost:"],
    [config("wss://"), "address: wss://"],
    [config("wss://a b/ws"), "address: wss://a b/ws"],
    [config("chat.example.org/ws"), "relative: chat.example.org/ws"],
  ])("%s is %s", (text, expected) => expect(server(text)).toBe(expected));

  it("the example is right", () => {
    expect(server(EXAMPLE)).toBe("wss://chat.example.org/ws");
  });
});

describe("loading it", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });
  const answering = (answer: Response | Error) => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", (url: URL) => {
      asked.push(url.href);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    });
    return asked;
  };

  it("asks beside the page, below any path", async () => {
    const asked = answering(new Response(config("/ws")));
    expect(await loadConfig(PAGE)).toEqual({
      ok: true,
      config: { server: "wss://chat.example.org/ws" },
    });
    expect(asked).toEqual(["https://chat.example.org/app/config.json"]);
  });

  it("says that it is missing, or can't be reached", async () => {
    answering(new Response("", { status: 404 }));
    expect(await loadConfig(PAGE)).toEqual({ ok: false, why: "missing", detail: "HTTP 404" });
    answering(new TypeError("Failed to fetch"));
    expect(await loadConfig(PAGE)).toEqual({
      ok: false,
      why: "missing",
      detail: "Failed to fetch",
    });
  });
});

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { filesBelow, precached } from "../build/precache";
import { isAway, outdated, strategyOf } from "../sw/strategy";

const SCOPE = "https://a.example/chat/";
const FILES = new Set(["", "theme.js", "favicon.svg", "assets/page-1.js"]);

describe("the service worker", () => {
  it.each([
    ["the page", "", true, "network-first"],
    ["the page by its file", "index.html", true, "network-first"],
    ["the page with a query", "?x=1", true, "network-first"],
    ["its own file", "theme.js", false, "network-first"],
    ["what is named by its content", "assets/page-1.js", false, "kept-first"],
    ["a part of another version", "assets/page-2.js", false, "kept-first"],
    ["where the server is", "config.json", false, "remembered"],
    ["the API below the same path", "api/v1/rooms", false, "pass"],
    ["the API opened as a page", "api/v1/openapi.json", true, "pass"],
    ["a file", "files/7f3a", false, "pass"],
    ["the socket's address", "ws", false, "pass"],
    ["itself", "sw.js", false, "pass"],
  ])("%s (%s)", (_, path, navigates, strategy) =>
    expect(strategyOf({ method: "GET", url: SCOPE + path, navigates }, SCOPE, FILES)).toBe(
      strategy,
    ),
  );

  it.each([
    ["https://a.example/", "another page of the host"],
    ["https://a.example/chats/theme.js", "a path that only begins alike"],
    ["https://b.example/chat/theme.js", "another host"],
  ])("leaves %s alone: %s", (url) =>
    expect(strategyOf({ method: "GET", url, navigates: true }, SCOPE, FILES)).toBe("pass"),
  );

  it("answers no question but GET", () =>
    expect(strategyOf({ method: "POST", url: SCOPE, navigates: true }, SCOPE, FILES)).toBe("pass"));

  it("takes a gateway without a host for no network, and a refusal for an answer", () => {
    expect([502, 503, 504].every(isAway)).toBe(true);
    expect([200, 304, 403, 404, 500].some(isAway)).toBe(false);
  });

  it("keeps its own version and the one before", () => {
    const names = ["m:1", "m:2", "m:3", "m:4", "other", "m-memory"];
    expect(outdated(names, "m:", "m:4")).toEqual(["m:1", "m:2"]);
    // An old version that was deployed again.
    expect(outdated(names, "m:", "m:2")).toEqual(["m:1", "m:3"]);
    expect(outdated(["m:1"], "m:", "m:1")).toEqual([]);
  });
});

describe("what the worker keeps", () => {
  const files = (more: Record<string, string> = {}) =>
    new Map(Object.entries({ "index.html": "<p>", "config.json": "{}", "a.js": "1", ...more }));

  it("is every file of the page, and not what is written at deploy time", () =>
    expect(precached(files()).files).toEqual(["a.js", ""]));

  it("has another version when any of it changes, and only then", () => {
    const { version } = precached(files());
    expect(precached(files()).version).toBe(version);
    expect(precached(files({ "config.json": "other" })).version).toBe(version);
    expect(precached(files({ "a.js": "2" })).version).not.toBe(version);
    expect(precached(files({ "b.js": "" })).version).not.toBe(version);
  });

  it("finds all that lies in public/", () =>
    expect(filesBelow("public")).toContain("icons/192.png"));
});

describe("the manifest", () => {
  const manifest = JSON.parse(readFileSync("public/manifest.json", "utf8")) as {
    start_url: string;
    scope: string;
    display: string;
    icons: { src: string; sizes: string; type: string; purpose?: string }[];
  };

  it("names icons that are there, in the sizes that it says", () => {
    for (const { src, sizes, type } of manifest.icons) {
      const path = `public/${src}`;
      expect(existsSync(path), path).toBe(true);
      if (type !== "image/png") continue;
      // Width and height stand at a fixed place of every PNG.
      const png = readFileSync(path);
      expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`).toBe(sizes);
    }
    expect(manifest.icons.some(({ purpose }) => purpose === "maskable")).toBe(true);
  });

  it("works below any path", () =>
    expect([manifest.start_url, manifest.scope, manifest.display]).toEqual([
      "./",
      "./",
      "standalone",
    ]));
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../src/config";

// What the image of the page does at its start, run by the machine's own shell.

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function render(address: string | undefined): { config: string; policy: string } {
  const folder = mkdtempSync(join(tmpdir(), "maru-deploy-"));
  folders.push(folder);
  execFileSync("sh", ["deploy/40-maru.sh"], {
    env: {
      PATH: process.env["PATH"],
      MARU_RENDER_TO: folder,
      MARU_PAGE: "index.html",
      ...(address !== undefined && { MARU_SERVER_URL: address }),
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  return { config: read("config.json"), policy: read("policy.conf") };
}

/** The sentence that the start ends with. */
function refusal(address: string | undefined): string {
  try {
    render(address);
  } catch (error) {
    return String((error as { stderr: Buffer }).stderr);
  }
  return "";
}

describe("the page's address of the gateway", () => {
  test.each([
    ["http://localhost:8080", "ws://localhost:8080/ws"],
    ["https://socket.example.com", "wss://socket.example.com/ws"],
    ["HTTPS://Socket.Example.com/", "wss://Socket.Example.com/ws"],
    ["wss://example.com/chat/ws", "wss://example.com/chat/ws"],
    ["https://example.com/chat//", "wss://example.com/chat/ws"],
    ["ws://[::1]:8080", "ws://[::1]:8080/ws"],
    ["http://192.0.2.1:80/~a/b_c-d.e%20f", "ws://192.0.2.1:80/~a/b_c-d.e%20f/ws"],
  ])("%s leads to %s", (address, socket) => {
    const { config } = render(address);
    expect(JSON.parse(config)).toEqual({ server: socket });
    const loaded = parseConfig(config, new URL("http://page.example/"));
    expect(loaded).toEqual({ ok: true, config: { server: new URL(socket).href } });
  });

  test.each([
    [undefined, "MARU_SERVER_URL is not set"],
    ["", "MARU_SERVER_URL is not set"],
    ["localhost:8080", "it begins with http://, https://, ws:// or wss://"],
    ["http", "it begins with"],
    ["ftp://a.example", "it begins with"],
    ["http://", "there is no host"],
    ["http:///ws", "there is no host"],
    ["http://a:", "there is no host, or no port"],
    ["http://a:port", "there is no host, or no port"],
    ["http://-a", "there is no host"],
    ["http://마루.kr", "write it in ASCII"],
    ["http://ada:secret@a.example", "write it in ASCII"],
    ["http://a.example/?x=1", "write it in ASCII"],
    ["http://a.example; script-src *", "write it in ASCII"],
    ['http://a.example", "x": "', "write it in ASCII"],
    ["http://a.example\nadd_header X y;", "write it in ASCII"],
    ["http://$host", "write it in ASCII"],
  ])("%j is refused", (address, sentence) => {
    const said = refusal(address);
    expect(said).toContain(sentence);
    expect(said).toMatch(/^maru: /);
  });
});

test("the policy is the page's own, with connections and files from the gateway alone", () => {
  const meta = /content="(default-src [^"]*)"/.exec(readFileSync("index.html", "utf8"))?.[1] ?? "";
  const { policy } = render("https://socket.example.com/chat");
  const sent = /^add_header Content-Security-Policy "([^"]*)" always;\n$/.exec(policy)?.[1] ?? "";
  const wanted = meta
    .replace(
      /connect-src [^;]*/,
      "connect-src 'self' wss://socket.example.com https://socket.example.com",
    )
    .replace(/img-src [^;]*/, "img-src 'self' data: blob: https://socket.example.com")
    .replace(/media-src [^;]*/, "media-src https://socket.example.com");
  expect(sent).toBe(`${wanted}; frame-ancestors 'none'`);
  expect(sent).toContain("require-trusted-types-for 'script'");
  // Nothing is left that any address would do for.
  expect(sent).not.toMatch(/ (?:https?|wss?):(?!\/\/)/);
});

test("pictures come from an address without TLS where the gateway has none", () => {
  const { policy } = render("ws://localhost:8080");
  expect(policy).toContain("img-src 'self' data: blob: http://localhost:8080;");
  expect(policy).toContain("media-src http://localhost:8080;");
});

test("the image lets browsers keep what is named by its content, and ask anew for the rest", () => {
  const rule = /"~(\S+ \S+)" "public, max-age=\d+, immutable"/.exec(
    readFileSync("deploy/nginx.conf", "utf8"),
  );
  const keeps = (asked: string) => new RegExp(rule?.[1] ?? "").test(asked);
  expect(keeps("200 /assets/page-1.js")).toBe(true);
  for (const path of [
    "/",
    "/index.html",
    "/sw.js",
    "/manifest.json",
    "/config.json",
    "/theme.js",
  ]) {
    expect(keeps(`200 ${path}`), path).toBe(false);
  }
});

test("an image without the page's policy doesn't start", () => {
  const folder = mkdtempSync(join(tmpdir(), "maru-deploy-"));
  folders.push(folder);
  const env = { MARU_SERVER_URL: "http://a", MARU_RENDER_TO: folder, MARU_PAGE: "package.json" };
  expect(() =>
    execFileSync("sh", ["deploy/40-maru.sh"], { env: { ...process.env, ...env }, stdio: "pipe" }),
  ).toThrow("there is no policy in package.json");
});

// `config.json` beside the page: the one thing that is decided at deploy time.

import { isRecord } from "./protocol/read";
import type { Wrong } from "./ui/features/fatal/fatal";

export interface Config {
  /** The WebSocket address of the chat server. */
  server: string;
}

export type Loaded = { ok: true; config: Config } | { ok: false; why: Wrong; detail: string };

const wrong = (why: Wrong, detail = ""): Loaded => ({ ok: false, why, detail });

/** `page` is the page's own address: what an absent or empty `server` is derived from. */
export function parseConfig(text: string, page: URL): Loaded {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return wrong("json");
  }
  if (!isRecord(value)) return wrong("object");
  const server = value["server"] ?? "";
  if (typeof server !== "string") return wrong("text");
  const own = `${page.protocol === "https:" ? "wss:" : "ws:"}//${page.host}/ws`;
  if (server.trim() === "") return { ok: true, config: { server: own } };
  // "chat.example.org/ws" would be a folder beside the page: nobody means that.
  if (!/^\s*(?:[a-z][a-z0-9+.-]*:|\/|\.)/i.test(server)) {
    return wrong("relative", server.trim());
  }
  let url: URL;
  try {
    url = new URL(server, own);
  } catch {
    return wrong("address", server);
  }
  if (url.protocol === "http:") url.protocol = "ws:";
  if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    return wrong("scheme", url.protocol);
  }
  url.hash = "";
  return { ok: true, config: { server: url.href } };
}

export async function loadConfig(page: URL): Promise<Loaded> {
  try {
    const answer = await fetch(new URL("config.json", page), { cache: "no-cache" });
    if (!answer.ok) return wrong("missing", `HTTP ${answer.status}`);
    return parseConfig(await answer.text(), page);
  } catch (error) {
    return wrong("missing", error instanceof Error ? error.message : String(error));
  }
}

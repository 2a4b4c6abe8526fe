// `config.json` beside the page: the one thing that is decided at deploy time.

export interface Config {
  /** The WebSocket address of the chat server. */
  server: string;
}

export const EXAMPLE = '{ "server": "wss://chat.example.org/ws" }';

export type Loaded =
  { ok: true; config: Config } | { ok: false; why: "missing" | "broken"; detail: string };

const broken = (detail: string): Loaded => ({ ok: false, why: "broken", detail });

/** `page` is the page's own address: what an absent or empty `server` is derived from. */
export function parseConfig(text: string, page: URL): Loaded {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return broken("not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return broken("not an object");
  }
  const server = (value as Record<string, unknown>)["server"] ?? "";
  if (typeof server !== "string") return broken('"server" is not a text');
  const own = `${page.protocol === "https:" ? "wss:" : "ws:"}//${page.host}/ws`;
  if (server.trim() === "") return { ok: true, config: { server: own } };
  // "chat.example.org/ws" would be a folder beside the page: nobody means that.
  if (!/^\s*(?:[a-z][a-z0-9+.-]*:|\/|\.)/i.test(server)) {
    return broken(`"server" must begin with ws:, wss: or /, not ${server.trim()}`);
  }
  let url: URL;
  try {
    url = new URL(server, own);
  } catch {
    return broken(`"server" is not an address: ${server}`);
  }
  if (url.protocol === "http:") url.protocol = "ws:";
  if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    return broken(`"server" must begin with ws: or wss:, not ${url.protocol}`);
  }
  url.hash = "";
  return { ok: true, config: { server: url.href } };
}

export async function loadConfig(page: URL): Promise<Loaded> {
  try {
    const answer = await fetch(new URL("config.json", page), { cache: "no-cache" });
    if (!answer.ok) return { ok: false, why: "missing", detail: `HTTP ${answer.status}` };
    return parseConfig(await answer.text(), page);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ok: false, why: "missing", detail };
  }
}

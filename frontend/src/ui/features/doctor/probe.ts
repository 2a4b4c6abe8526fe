// Finds out what `diagnose` decides on: three questions at most, each bounded in time.

import { isRecord } from "../../../protocol/read";
import { isMixed } from "./diagnose";
import type { Evidence, InfoProbe, SocketProbe } from "./diagnose";

/** A server or a gateway that is there answers within this, also from the other side of the world. */
const PATIENCE_MS = 5_000;
/** By then a breach of the policy has been told. */
const TOLD_MS = 50;
/** More than any info has, in characters: a foreign server may send a film. */
const MAX_INFO = 65_536;

/** Where the server's API is, from where its WebSocket is. */
export function infoAddress(server: URL, page: URL): URL {
  const base = new URL(server);
  base.protocol = server.protocol === "wss:" ? "https:" : "http:";
  base.search = "";
  base.pathname = base.pathname.replace(/\/+$/, "").replace(/[^/]*$/, "");
  const info = new URL("api/v1/info", base);
  info.searchParams.set("origin", page.origin);
  return info;
}

export async function examine(server: URL, page: URL, online: () => boolean): Promise<Evidence> {
  const evidence: Evidence = {
    server,
    page,
    online: online(),
    blocked: false,
    info: { is: "skipped" },
    socket: "skipped",
  };
  if (isMixed(server, page)) return evidence;
  const onViolation = (event: SecurityPolicyViolationEvent) => {
    if (event.effectiveDirective === "connect-src") evidence.blocked = true;
  };
  document.addEventListener("securitypolicyviolation", onViolation);
  try {
    evidence.info = await askInfo(infoAddress(server, page));
    if (evidence.info.is === "maru") evidence.socket = await knock(server);
    // What the policy forbade is told in a task of its own, after the failure.
    else await new Promise((told) => setTimeout(told, TOLD_MS));
  } finally {
    document.removeEventListener("securitypolicyviolation", onViolation);
  }
  evidence.online = online();
  return evidence;
}

const ask = (address: URL, mode: RequestMode) =>
  fetch(address, {
    mode,
    cache: "no-store",
    credentials: "omit",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });

const isTimeout = (error: unknown) =>
  error instanceof DOMException && error.name === "TimeoutError";

async function askInfo(address: URL): Promise<InfoProbe> {
  try {
    const answer = await ask(address, "cors");
    const text = answer.ok ? await beginning(answer) : "";
    return parseInfo(text) ?? { is: "other", status: answer.status };
  } catch (error) {
    if (isTimeout(error)) return { is: "slow" };
  }
  // Nobody there, or somebody whose answers other pages may not read?
  try {
    await ask(address, "no-cors");
    return { is: "unreadable" };
  } catch (error) {
    return { is: isTimeout(error) ? "slow" : "silent" };
  }
}

/** As much of an answer as could be an info. */
async function beginning(answer: Response): Promise<string> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (reader !== undefined && text.length <= MAX_INFO) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += value;
  }
  await reader?.cancel();
  return "";
}

/** What the server tells of itself; null when this is not Maru. */
export function parseInfo(text: string): InfoProbe | null {
  let info: unknown;
  try {
    info = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(info)) return null;
  const { protocol, accepts, origin_allowed: allowed } = info;
  if (typeof protocol !== "string" || !protocol.startsWith("maru.")) return null;
  return {
    is: "maru",
    protocol,
    accepts: accepts === "full" || accepts === "stopping" ? accepts : "connections",
    originAllowed: typeof allowed === "boolean" ? allowed : undefined,
  };
}

/** Opens a WebSocket and closes it at once: the server counts it for no longer than that. */
function knock(server: URL): Promise<SocketProbe> {
  return new Promise((tell) => {
    let socket: WebSocket;
    try {
      socket = new WebSocket(server);
    } catch {
      tell("refused");
      return;
    }
    const answer = (is: SocketProbe) => {
      clearTimeout(timer);
      socket.onopen = socket.onclose = null;
      socket.close();
      tell(is);
    };
    const timer = setTimeout(() => answer("slow"), PATIENCE_MS);
    socket.onopen = () => answer("opened");
    socket.onclose = () => answer("refused");
  });
}

/** Loaded with it: what is found out is judged at once. */
export { diagnose } from "./diagnose";

// Why there is no connection: a decision over what was found out, without any I/O.

/** What `/api/v1/info` had to say. */
export type InfoProbe =
  /** Maru answered. */
  | {
      is: "maru";
      protocol: string;
      accepts: "connections" | "full" | "stopping";
      /** Undefined when the server doesn't say: an older one. */
      originAllowed: boolean | undefined;
    }
  /** Something answered that this page may read, and it isn't Maru. */
  | { is: "other"; status: number }
  /** Something answered that this page may not read: Maru lets any page read. */
  | { is: "unreadable" }
  /** Nothing answers at this address. */
  | { is: "silent" }
  | { is: "slow" }
  | { is: "skipped" };

export type SocketProbe = "opened" | "refused" | "slow" | "skipped";

export interface Evidence {
  /** Where the page connects. */
  server: URL;
  /** Where the page is from. */
  page: URL;
  online: boolean;
  /** The page's own policy forbids the address. */
  blocked: boolean;
  info: InfoProbe;
  socket: SocketProbe;
}

export type Cause =
  | "offline"
  | "mixed"
  | "policy"
  | "silent"
  | "slow"
  /** Another program, as far as one can see from here. */
  | "foreign"
  /** Another program or a gateway: what it says is not for this page. */
  | "masked"
  | "gateway"
  | "version"
  | "origin"
  | "stopping"
  | "full"
  | "path"
  | "upgrade"
  /** All is well by now: the next try will get through. */
  | "passing";

/** The protocol that this page speaks (`maru_protocol::NAME`). */
export const PROTOCOL = "maru.v1";

/** What a gateway answers for a server that isn't there. */
const GATEWAY: ReadonlySet<number> = new Set([502, 503, 504]);

/** Browsers let a secure page talk to its own machine in clear. */
function isOwnMachine(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(host);
}

export function isMixed(server: URL, page: URL): boolean {
  return page.protocol === "https:" && server.protocol === "ws:" && !isOwnMachine(server.hostname);
}

export function diagnose({ server, page, online, blocked, info, socket }: Evidence): Cause {
  if (isMixed(server, page)) return "mixed";
  if (blocked) return "policy";
  switch (info.is) {
    case "maru":
      return ofMaru(info, socket, server);
    case "other":
      return GATEWAY.has(info.status) ? "gateway" : "foreign";
    case "unreadable":
      return "masked";
    case "silent":
    case "skipped":
      // The browser says "online" of any cable; of "offline" it is sure, but for one's own machine.
      return online ? "silent" : "offline";
    case "slow":
      return online ? "slow" : "offline";
  }
}

function ofMaru(info: Extract<InfoProbe, { is: "maru" }>, socket: SocketProbe, server: URL): Cause {
  if (info.protocol !== PROTOCOL) return "version";
  if (info.originAllowed === false) return "origin";
  if (info.accepts === "stopping") return "stopping";
  if (info.accepts === "full") return "full";
  if (socket === "opened") return "passing";
  if (!server.pathname.endsWith("/ws")) return "path";
  return "upgrade";
}

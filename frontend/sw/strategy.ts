// What the service worker does with a request. It knows of the page's own files and of nothing else:
// the API, other hosts and other pages go to the network as if there was no worker.

export type Strategy =
  /** Named by its content: what is kept is as good as new. */
  | "kept-first"
  /** From the network, and what came with the worker when there is none. */
  | "network-first"
  /** From the network, and the last good answer when there is none. */
  | "remembered"
  | "pass";

export interface Asked {
  method: string;
  url: string;
  /** It opens a page. */
  navigates: boolean;
}

/** `files`: what came with the worker, by paths below `scope`; the page itself is "". */
export function strategyOf(asked: Asked, scope: string, files: ReadonlySet<string>): Strategy {
  const url = new URL(asked.url);
  const below = url.origin + url.pathname;
  if (asked.method !== "GET" || !below.startsWith(scope)) return "pass";
  const path = below.slice(scope.length);
  if (path === "config.json") return "remembered";
  if (asked.navigates) return path === "" || path === "index.html" ? "network-first" : "pass";
  if (!files.has(path)) return path.startsWith("assets/") ? "kept-first" : "pass";
  return path.startsWith("assets/") ? "kept-first" : "network-first";
}

/** Answers of a gateway whose host is away: as good as no network. */
export function isAway(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

/**
 * Which of the caches to let go when a version takes over. The one before it stays: its tabs are
 * open and may still ask for parts of themselves.
 */
export function outdated(names: readonly string[], prefix: string, current: string): string[] {
  const others = names.filter((name) => name.startsWith(prefix) && name !== current);
  return others.slice(0, -1);
}

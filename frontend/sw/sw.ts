// The service worker: keeps the page's own files, so that it opens without a network, and never
// anything else. A version installs as a whole or not at all, takes over at once, and leaves the
// files of the one before to the tabs that run it. Pages come from the network first: what is kept
// is never older than what can be had.

/// <reference lib="webworker" />
import { isAway, outdated, strategyOf } from "./strategy";

declare const self: ServiceWorkerGlobalScope;
/** Put in by the build (`build/precache.ts`): what belongs to this version, and a name for all of it. */
declare const MARU_FILES: readonly string[];
declare const MARU_VERSION: string;

/** A network that is this slow is none: the page opens with what is kept. */
const PATIENCE_MS = 5_000;

const { scope } = self.registration;
const prefix = `maru:${scope}:`;
const current = prefix + MARU_VERSION;
/** Not by version: where the server is outlives them. */
const memory = `maru-memory:${scope}`;
const files: ReadonlySet<string> = new Set(MARU_FILES);

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(current);
      // Past the browser's own cache, whose index.html may be of another version.
      const requests = MARU_FILES.map((path) => new Request(scope + path, { cache: "reload" }));
      await cache.addAll(requests);
      // The page that brought the worker has asked for it already, past the worker.
      await remembered(new Request(`${scope}config.json`, { cache: "no-cache" })).catch(
        () => undefined,
      );
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const old = outdated(await caches.keys(), prefix, current);
      await Promise.all(old.map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const navigates = request.mode === "navigate";
  switch (strategyOf({ method: request.method, url: request.url, navigates }, scope, files)) {
    case "kept-first":
      event.respondWith(keptFirst(request));
      return;
    case "network-first":
      event.respondWith(networkFirst(request, () => kept(navigates ? scope : request.url)));
      return;
    case "remembered":
      event.respondWith(remembered(request));
      return;
    case "pass":
  }
});

/** A file of this version. */
async function kept(url: string): Promise<Response | undefined> {
  return (await caches.open(current)).match(url, { ignoreSearch: true });
}

async function keptFirst(request: Request): Promise<Response> {
  // Of any version: a tab that runs the one before asks, too.
  for (const name of await caches.keys()) {
    if (!name.startsWith(prefix)) continue;
    const found = await (await caches.open(name)).match(request.url);
    if (found !== undefined) return found;
  }
  return fetch(request);
}

async function networkFirst(
  request: Request,
  spare: () => Promise<Response | undefined>,
): Promise<Response> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(request, { signal: patience.signal });
    return isAway(answer.status) ? ((await spare()) ?? answer) : answer;
  } catch (error) {
    const found = await spare();
    if (found === undefined) throw error;
    return found;
  } finally {
    clearTimeout(timer);
  }
}

async function remembered(request: Request): Promise<Response> {
  const cache = await caches.open(memory);
  const answer = await networkFirst(request, () => cache.match(request.url));
  if (answer.ok) await cache.put(request.url, answer.clone());
  return answer;
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const room = (event.notification.data as { room?: unknown } | null)?.room;
  if (typeof room !== "string") return;
  event.waitUntil(
    (async () => {
      const [page] = await self.clients.matchAll({ type: "window" });
      if (page === undefined) {
        await self.clients.openWindow(`${scope}#/r/${encodeURIComponent(room)}`);
        return;
      }
      page.postMessage({ open: room });
      await page.focus();
    })(),
  );
});

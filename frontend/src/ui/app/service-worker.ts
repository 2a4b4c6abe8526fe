// The page as an installed program: its service worker (`sw/sw.ts`), which keeps the shell for when
// there is no network, and brings clicks on notifications back.

import type { App } from "../context/app-context";
import { appText } from "./strings";

/** An open page asks for a newer version of itself at most this often. */
const LOOK_EVERY_MS = 3_600_000;

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

/** The one script address that the page makes: under Trusted Types it needs a policy that says so. */
function workerAddress(): string {
  const address = new URL("sw.js", document.baseURI).href;
  const types = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  const policy = types?.createPolicy("maru-worker", { createScriptURL: () => address });
  return policy?.createScriptURL(address) ?? address;
}

/** Registers the worker and listens to it. Where there can be none, nothing is missing but offline. */
export function registerServiceWorker(app: App): void {
  const worker = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  // In development the sources change under it.
  if (worker === undefined || import.meta.env.DEV) return;
  worker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    const room = (data as { open?: unknown } | null)?.open;
    if (typeof room !== "string") return;
    app.surfaces.close();
    app.router.open(room);
  });
  worker.register(workerAddress(), { updateViaCache: "none" }).then(
    (registration) => followUpdates(app, registration),
    // Blocked storage, or a host that serves no sw.js: the page is as good as ever while online.
    () => undefined,
  );
}

function followUpdates({ toasts, i18n }: App, registration: ServiceWorkerRegistration): void {
  registration.addEventListener("updatefound", () => {
    const next = registration.installing;
    // The first one ever brings no other version than the one on screen.
    if (next === null || registration.active === null) return;
    next.addEventListener("statechange", () => {
      if (next.state !== "activated") return;
      toasts.offer(appText(i18n)("update.ready"), {
        label: appText(i18n)("update.reload"),
        run: () => location.reload(),
      });
    });
  });
  let looked = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible" || Date.now() - looked < LOOK_EVERY_MS) return;
    looked = Date.now();
    registration.update().catch(() => undefined);
  });
}

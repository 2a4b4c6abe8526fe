// What the page does beside showing rooms. It comes in a file of its own, after the first paint.

import { effect } from "@preact/signals";
import type { App } from "../context/app-context";
import { followUnread } from "../features/notifications/badge";
import { permissionOf } from "../features/notifications/permission";
import { Dialogs, Overlays } from "./parts";
import { prefetch } from "./prefetch";
import { registerServiceWorker } from "./service-worker";
import { listen } from "./shortcuts";

/** Once, for the life of the page. */
export function startBackground(app: App): void {
  void listenWhenReady(app);
  followAttention(app);
  followUnread(app);
  notifyWhenWished(app);
  registerServiceWorker(app);
  prefetch();
}

/** What is typed right after Ctrl+K is meant for the switcher: so it is here before its key is heard. */
async function listenWhenReady(app: App): Promise<void> {
  await Promise.allSettled([Overlays.fetch(), Dialogs.fetch()]);
  listen(app);
}

/** The network comes and goes, and so does the person. */
function followAttention({ client }: App): void {
  addEventListener("online", () => client.nudge());
  // A browser may hold back what comes, and with it that the connection is lost.
  addEventListener("offline", () => {
    if (client.state.value.is === "open") client.nudge();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") {
      client.leaving();
      return;
    }
    client.nudge();
    client.adopt();
  });
}

function notifyWhenWished(app: App): void {
  let started = false;
  effect(() => {
    const wished = app.preferences.notifications.chosen.value !== "none";
    if (started || !wished || permissionOf(app).state.value !== "granted") return;
    started = true;
    import("../features/notifications/browser").then(
      ({ startNotifying }) => startNotifying(app),
      () => app.toasts.say(app.i18n.t("part.failed"), "error"),
    );
  });
}

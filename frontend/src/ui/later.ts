// What the page does beside showing rooms. It comes in a file of its own, after the first paint.

import { effect } from "@preact/signals";
import type { App } from "./app-context";
import { followUnread } from "./notify/badge";
import { permissionOf } from "./notify/permission";
import { Overlays } from "./parts";
import { Switcher } from "./shell/overlay-parts";
import { warmUp } from "./warm-up";
import { followWorker } from "./shell/installed";
import { listen } from "./shell/shortcuts";

/** Once, for the life of the page. */
export function later(app: App): void {
  void listenWhenReady(app);
  followAttention(app);
  followUnread(app);
  notifyWhenWished(app);
  followWorker(app);
  warmUp();
}

/** What is typed right after Ctrl+K is meant for the switcher: so it is here before its key is heard. */
async function listenWhenReady(app: App): Promise<void> {
  await Promise.allSettled([Overlays.fetch(), Switcher.fetch()]);
  listen(app);
}

/** The network comes and goes, and so does the person. */
function followAttention({ client }: App): void {
  addEventListener("online", () => client.nudge());
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
    import("./notify/browser").then(
      ({ startNotifying }) => startNotifying(app),
      () => app.toasts.say(app.i18n.t("part.failed"), "error"),
    );
  });
}

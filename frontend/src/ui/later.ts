// What the page does beside showing rooms. It comes in a file of its own, after the first paint.

import { effect } from "@preact/signals";
import type { App } from "./app-context";
import { followUnread } from "./notify/badge";
import { permissionOf } from "./notify/permission";
import { warmUp } from "./warm-up";
import { followWorker } from "./shell/installed";
import { listen } from "./shell/shortcuts";

/** Once, for the life of the page. */
export function later(app: App): void {
  listen(app);
  followUnread(app);
  notifyWhenWished(app);
  followWorker(app);
  warmUp();
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

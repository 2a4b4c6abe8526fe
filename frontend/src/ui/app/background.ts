// What the page does beside showing rooms. It comes in a file of its own, after the first paint.

import { effect } from "@preact/signals";
import type { App } from "../context/app-context";
import { roomKey } from "../../protocol/rules";
import type { Room } from "../../store/room";
import { followNames } from "../../sync/renamed-rooms";
import { followUnread } from "../features/notifications/badge";
import { permissionOf } from "../features/notifications/permission";
import { Dialogs, Overlays } from "./parts";
import { followCalendar } from "./calendar";
import { followBack } from "../kit/back";
import { prefetch } from "./prefetch";
import { registerServiceWorker } from "./service-worker";
import { listen } from "./shortcuts";
import { appText } from "./strings";

/** Once, for the life of the page. */
export function startBackground(app: App): void {
  void listenWhenReady(app);
  followBack();
  followCalendar(app.i18n);
  followAttention(app);
  followUnread(app);
  notifyWhenWished(app);
  registerServiceWorker(app);
  prefetch();
  followNames(app.client, (room, from, name) => moveRoom(app, room, from, name));
}

/** A room has another name: what is open of it stays open, and the address says so. */
function moveRoom(app: App, room: Room, from: string, name: string): void {
  const { roomUi, router, toasts, views, i18n } = app;
  for (const kept of [views.views, roomUi.composings] as Map<string, unknown>[]) {
    const of = kept.get(from);
    if (of !== undefined && from !== room.key && !kept.has(room.key)) kept.set(room.key, of);
    if (from !== room.key) kept.delete(from);
  }
  if (router.room.value === null || roomKey(router.room.value) !== from) return;
  const message = router.message.value;
  router.replace(room.name.value);
  if (message !== null) router.message.value = { ...message, room: room.name.value };
  toasts.say(appText(i18n)("room.renamed", { from: name, room: room.name.value }));
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
  // Another network: what was on its way on the old one may never come.
  (navigator as { connection?: EventTarget }).connection?.addEventListener("change", () =>
    client.nudge(),
  );
  noticeSleep(() => client.nudge());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") {
      client.leaving();
      return;
    }
    client.nudge();
    client.adopt();
  });
}

/** How often the clock is looked at. */
const TICK_MS = 2_000;
/** A tick that is later than this was slept through; browsers put off those of a page in view far less. */
const SLEPT_MS = 10_000;

/** A computer that wakes up with the page in view tells nothing of it. */
function noticeSleep(woke: () => void): void {
  let last = Date.now();
  setInterval(() => {
    const now = Date.now();
    if (now - last > SLEPT_MS && document.visibilityState === "visible") woke();
    last = now;
  }, TICK_MS);
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

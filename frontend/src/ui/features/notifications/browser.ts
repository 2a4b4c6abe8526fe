// The notifier's way to the browser: locks that all tabs see, and the system's notifications.

import { effect } from "@preact/signals";
import { browserClock } from "../../../connection/ports";
import { roomKey } from "../../../protocol/rules";
import type { Room } from "../../../store/room";
import type { App } from "../../context/app-context";
import { attentive, onAttention } from "../../kit/attention";
import { messageSummary } from "../../markdown/message-summary";
import { translated } from "../../i18n/i18n";
import { en } from "./strings.en";
import { ko } from "./strings.ko";
import { Notifier } from "./notifier";
import { permissionOf } from "./permission";
import type { News } from "./notifier";

const notificationsText = translated({ ko, en });

const SEEN = "maru:seen:";
const TOLD = "maru:told:";
const TAG = "maru:";
/** Other tabs hear of the same message within this, however slow they are in the background. */
const CLAIM_MS = 60_000;

/** Starts telling; the page's own attention and all arrivals are followed from now on. */
export function startNotifying(app: App): void {
  const { client, preferences } = app;
  const permission = permissionOf(app);
  const shown = new Map<Room, () => void>();
  holdWhatIsSeen(app);
  const notifier = new Notifier({
    clock: browserClock,
    level: () =>
      permission.state.value === "granted" ? preferences.notifications.chosen.value : "none",
    me: () => client.identity.user.value,
    isSeen: async (room) =>
      ((await navigator.locks.query()).held ?? []).some(({ name }) => name === SEEN + room.key),
    claim,
    show: (news) => show(app, news, shown),
  });
  client.arrivals.on((arrival) => notifier.heard(arrival));
  // What was read, in whichever tab, needs no telling any more.
  effect(() => {
    for (const room of client.membership.rooms.value) {
      if (room.read.count.value > 0) continue;
      shown.get(room)?.();
      shown.delete(room);
    }
  });
}

/** Holds a lock, shared by all tabs that do so, for the room that somebody looks at here. */
function holdWhatIsSeen({ router }: App): void {
  let release: () => void = () => undefined;
  let held: string | null = null;
  const update = () => {
    const name = router.room.value;
    const seen = name !== null && attentive() ? roomKey(name) : null;
    if (seen === held) return;
    release();
    held = seen;
    if (seen === null) return;
    // Made before the lock is there: who looks away at once lets go of it at once.
    const lookedAway = new Promise<void>((done) => (release = done));
    void navigator.locks.request(SEEN + seen, { mode: "shared" }, () => lookedAway);
  };
  onAttention(update);
  effect(update);
}

function claim({ room, latest }: News): Promise<boolean> {
  return new Promise((tell) => {
    void navigator.locks.request(
      `${TOLD}${room.key}:${latest.seq}`,
      { ifAvailable: true },
      (lock) => {
        tell(lock !== null);
        if (lock === null) return undefined;
        return new Promise<void>((done) => browserClock.after(CLAIM_MS, done));
      },
    );
  });
}

/** `shown` gets what takes it back. */
function show(app: App, { room, latest, count }: News, shown: Map<Room, () => void>): void {
  const { i18n, router, surfaces } = app;
  const t = notificationsText(i18n);
  const name = room.name.value;
  const title = t("notify.title", { name: latest.sender.name, room: name });
  const more = count > 1 ? `\n${t("notify.more", { count: count - 1 })}` : "";
  const options: NotificationOptions = {
    body: messageSummary(latest) + more,
    // One per room: the next replaces it, also where another tab showed it.
    tag: TAG + room.key,
    icon: new URL("icons/192.png", document.baseURI).href,
    lang: i18n.language.value,
    data: { room: name },
  };
  try {
    const notification = new Notification(title, options);
    notification.onclick = () => {
      window.focus();
      surfaces.close();
      router.open(name);
      notification.close();
    };
    shown.set(room, () => notification.close());
  } catch {
    // Phones let only a service worker show any; a click comes back through `sw/sw.ts`.
    const { ready } = navigator.serviceWorker;
    void ready.then((worker) => worker.showNotification(title, options));
    shown.set(room, () => void ready.then((worker) => takeBack(worker, TAG + room.key)));
  }
}

async function takeBack(worker: ServiceWorkerRegistration, tag: string): Promise<void> {
  for (const notification of await worker.getNotifications({ tag })) notification.close();
}

// The only place that builds the parts and wires them.

import { render } from "preact";
import { EXAMPLE, loadConfig } from "./config";
import { browserClock, browserSocket } from "./connection/ports";
import { uuidv7 } from "./protocol/uuid";
import { browserTabs, OutboxDb } from "./store/outbox-db";
import { RecentEmoji } from "./store/recent-emoji";
import { browserStorage, onOtherTab } from "./store/storage";
import { Client } from "./sync/client";
import { AppContext } from "./ui/app-context";
import type { App } from "./ui/app-context";
import { Fatal } from "./ui/fatal";
import { I18n } from "./ui/i18n/i18n";
import { RoomViews } from "./ui/shell/room-views";
import { Router } from "./ui/shell/router";
import { Shell } from "./ui/shell/shell";
import { Surfaces } from "./ui/shell/surfaces";
import { Theme } from "./ui/shell/theme";
import { Toasts } from "./ui/shell/toasts";
import "./ui/styles/index.css";

const randomBytes = (buffer: Uint8Array<ArrayBuffer>) => void crypto.getRandomValues(buffer);
// A developer reads this; a person gets a sentence in the page.
const problem = (what: unknown) => console.warn("maru:", what); // eslint-disable-line no-console

async function start(root: HTMLElement): Promise<void> {
  const storage = browserStorage();
  const i18n = new I18n(storage, navigator.languages);
  const theme = new Theme(storage);
  const page = new URL(location.pathname, location.href);
  const [loaded, tabs] = await Promise.all([
    loadConfig(page),
    browserTabs(uuidv7(Date.now(), randomBytes)),
  ]);
  if (!loaded.ok) {
    const params = { detail: loaded.detail, example: EXAMPLE };
    render(<Fatal i18n={i18n} message={i18n.t(`fatal.config.${loaded.why}`, params)} />, root);
    return;
  }

  const keep = new OutboxDb(tabs, problem);
  const client = new Client({
    openSocket: browserSocket(loaded.config.server),
    clock: browserClock,
    random: Math.random,
    randomBytes,
    storage,
    keep,
    problem,
  });
  keep.abandoned = () => client.adopt();
  addEventListener("online", () => client.nudge());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    client.nudge();
    client.adopt();
  });
  onOtherTab((key) => client.otherTabWrote(key));

  const app: App = {
    client,
    i18n,
    theme,
    router: new Router(),
    toasts: new Toasts(),
    surfaces: new Surfaces(),
    views: new RoomViews(),
    emoji: new RecentEmoji(storage),
  };
  render(
    <AppContext.Provider value={app}>
      <Shell />
    </AppContext.Provider>,
    root,
  );
  client.start();
}

const root = document.getElementById("app");
if (root !== null) void start(root);

// The only place that builds the parts and wires them.

import { render } from "preact";
import { loadConfig } from "./config";
import { browserClock, browserSocket } from "./connection/ports";
import { uuidv7 } from "./protocol/uuid";
import { LateKeep } from "./store/late-keep";
import { browserStorage, onOtherTab } from "./store/storage";
import { Client } from "./sync/client";
import { AppContext } from "./ui/app-context";
import { sentence } from "./ui/i18n/sentence";
import type { App } from "./ui/app-context";
import { Files } from "./ui/files/files";
import { I18n } from "./ui/i18n/i18n";
import { Preferences } from "./ui/shell/preferences";
import { drawByFrame } from "./ui/pace";
import { RoomViews } from "./ui/shell/room-views";
import { Router } from "./ui/shell/router";
import { Shell } from "./ui/shell/shell";
import { Surfaces } from "./ui/shell/surfaces";
import { Theme } from "./ui/shell/theme";
import { Toasts } from "./ui/shell/toasts";
import { loadTalk } from "./ui/talk/part";
import { Talk } from "./ui/talk/talk";
import "./ui/styles/index.css";

const randomBytes = (buffer: Uint8Array<ArrayBuffer>) => void crypto.getRandomValues(buffer);
// A developer reads this; a person gets a sentence in the page.
const problem = (what: unknown) => console.warn("maru:", what); // eslint-disable-line no-console

async function start(root: HTMLElement): Promise<void> {
  const storage = browserStorage();
  const i18n = new I18n(storage, navigator.languages);
  const theme = new Theme(storage);
  const page = new URL(location.pathname, location.href);
  const [loaded] = await Promise.all([loadConfig(page), i18n.ready()]);
  if (!loaded.ok) {
    const { Fatal } = await import("./ui/fatal/fatal");
    render(<Fatal i18n={i18n} why={loaded.why} detail={loaded.detail} />, root);
    return;
  }

  const keep = new LateKeep(async () => {
    const { browserTabs, OutboxDb } = await import("./store/outbox-db");
    return new OutboxDb(await browserTabs(uuidv7(Date.now(), randomBytes)), problem);
  }, problem);
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
  const preferences = new Preferences(storage);
  onOtherTab((key) => {
    for (const kept of [client, i18n, theme, preferences]) kept.otherTabWrote(key);
  });

  const views = new RoomViews();
  const toasts = new Toasts();
  const app: App = {
    client,
    i18n,
    theme,
    preferences,
    router: new Router(),
    toasts,
    surfaces: new Surfaces(),
    views,
    talk: new Talk(),
    files: new Files(loaded.config.server, client.ticket),
    showMessage: (room, seq) => views.showMessage(room.key, seq),
  };
  drawByFrame();
  render(
    <AppContext.Provider value={app}>
      <Shell />
    </AppContext.Provider>,
    root,
  );
  import("./sync/keep-rooms").then(
    ({ keepRooms }) => keepRooms(client, browserClock, problem),
    problem,
  );
  client.undone.on((undone) => {
    loadTalk().then(
      (part) => part.sayUndone(app, undone),
      () => toasts.say(sentence(i18n, undone.failure), "error"),
    );
  });
  client.start();
  startLater(app);
}

/** What isn't needed to paint a room comes right after it; once more when the network is back. */
function startLater(app: App): void {
  import("./ui/later").then(
    ({ later }) => later(app),
    (error: unknown) => {
      problem(error);
      addEventListener("online", () => startLater(app), { once: true });
    },
  );
}

const root = document.getElementById("app");
if (root !== null) {
  start(root).catch((error: unknown) => {
    problem(error);
    // Not even a language could be loaded.
    root.textContent =
      "Maru could not be loaded. Reload the page. / 마루를 불러오지 못했어요. 새로고침해 주세요.";
  });
}

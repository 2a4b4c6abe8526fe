// The only place that builds the parts and wires them.

import { render } from "preact";
import { loadConfig } from "./config";
import { browserClock, browserSocket } from "./connection/ports";
import { uuidv7 } from "./protocol/uuid";
import { LazyOutboxStorage } from "./store/lazy-outbox-storage";
import { browserStorage, onOtherTab } from "./store/storage";
import { Client } from "./sync/client";
import { AppContext } from "./ui/context/app-context";
import { sentence } from "./ui/i18n/errors/sentence";
import type { App } from "./ui/context/app-context";
import { I18n } from "./ui/i18n/i18n";
import { Preferences } from "./ui/context/preferences";
import { drawByFrame } from "./ui/app/frame-pacing";
import { RoomViews } from "./ui/context/room-views";
import { HashRouter } from "./ui/app/hash-router";
import { Shell } from "./ui/app/shell";
import { Surfaces } from "./ui/context/surfaces";
import { Theme } from "./ui/context/theme";
import { Toasts } from "./ui/context/toasts";
import { MessageActions } from "./ui/room/actions/parts";
import { RoomUi } from "./ui/context/room-ui";
import "./ui/app/styles.css";

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
    const part = await import("./ui/features/fatal/fatal");
    render(<part.Fatal i18n={i18n} why={loaded.why} detail={loaded.detail} />, root);
    return;
  }

  const keep = new LazyOutboxStorage(async () => {
    const part = await import("./store/outbox-db");
    return new part.OutboxDb(await part.browserTabs(uuidv7(Date.now(), randomBytes)), problem);
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
    router: new HashRouter(),
    toasts,
    surfaces: new Surfaces(),
    views,
    roomUi: new RoomUi(),
    server: loaded.config.server,
    beforeDrawing: drawByFrame(),
    showMessage: (room, seq) => views.showMessage(room.key, seq),
  };
  render(
    <AppContext.Provider value={app}>
      <Shell />
    </AppContext.Provider>,
    root,
  );
  import("./sync/cache-rooms").then(
    (part) => part.cacheRooms(client, browserClock, problem),
    problem,
  );
  client.rejectedChanges.on((rejected) => {
    MessageActions.fetch().then(
      (part) => part.reportRejected(app, rejected),
      () => toasts.say(sentence(i18n, rejected.failure), "error"),
    );
  });
  client.start();
  startLater(app);
}

/** What isn't needed to paint a room comes right after it; once more when the network is back. */
function startLater(app: App): void {
  import("./ui/app/background").then(
    (part) => part.startBackground(app),
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

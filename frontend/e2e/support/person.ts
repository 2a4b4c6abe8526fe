// Somebody in front of a page, and what they can do and see there.

import type { BrowserContext, Locator, Page } from "playwright-core";
import { PATIENCE_MS, sees, until } from "./until.js";

export interface Said {
  author: string;
  body: string;
}

/** What Chromium prints for every attempt to reach a server that is down. */
const NETWORK =
  /WebSocket connection to .* failed|Failed to load resource|net::ERR_|blocked by CORS policy/;

export class Person {
  /** What the page printed, for whoever looks into a failure. */
  readonly console: string[] = [];
  /** How often the browser asked whether the page may go; it may. */
  asked = 0;
  /** Errors of the page: any of them fails the test. */
  readonly errors: string[] = [];

  constructor(
    readonly name: string,
    readonly page: Page,
    private readonly home: string,
  ) {
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("console", (message) => {
      this.console.push(`${message.type()}: ${message.text()}`);
      if (message.type() === "error") this.errors.push(message.text());
    });
    page.on("pageerror", (error) => this.errors.push(String(error.stack ?? error)));
    page.on("dialog", (dialog) => {
      if (dialog.type() === "beforeunload") {
        this.asked += 1;
        void dialog.accept();
        return;
      }
      this.errors.push(`a ${dialog.type()} box said ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  get context(): BrowserContext {
    return this.page.context();
  }

  /** The service worker is there: from now on its script is not fetched behind a test's back. */
  async isInstalled(): Promise<void> {
    await this.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
  }

  /** The server is away for a while: what the network says of it is no fault of the page. */
  forgiveNetworkErrors(): void {
    const rest = this.errors.filter((error) => !NETWORK.test(error));
    this.errors.splice(0, this.errors.length, ...rest);
  }

  by(testid: string): Locator {
    return this.page.getByTestId(testid);
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole(
      "button",
      typeof name === "string" ? { name, exact: true } : { name },
    );
  }

  /** Opens the page, at a room's link if one is given. */
  async visit(room?: string): Promise<void> {
    await this.page.goto(
      this.home + (room === undefined ? "" : `/#/r/${encodeURIComponent(room)}`),
    );
  }

  async nameThemselves(name = this.name): Promise<void> {
    await this.by("name-input").fill(name);
    await this.by("name-submit").click();
  }

  /** The first visit, up to a room that is there. */
  async comeInto(room: string): Promise<void> {
    await this.visit(room);
    await this.nameThemselves();
    await this.isIn(room);
  }

  /** In it on the server too: the page shows what it kept of a room before it has entered it. */
  async isIn(room: string): Promise<void> {
    await sees(() => this.by("room-title").textContent(), room);
    await sees(() => this.by("log").getAttribute("aria-busy"), "false");
    await until("who is here is told", async () =>
      /\d/.test((await this.by("room-here").textContent()) ?? ""),
    );
  }

  /** A room in the list of those one is in. */
  mine(room: string): Locator {
    return this.page.locator(`[data-testid="room-item"][data-room="${room}"]`);
  }

  async goTo(room: string): Promise<void> {
    await this.page.locator(`.room-item[data-room="${room}"]`).click();
    await this.isIn(room);
  }

  async makeRoom(room: string): Promise<void> {
    await this.by("create-room").click();
    await this.by("create-input").fill(room);
    await this.by("create-submit").click();
    await this.isIn(room);
  }

  get box(): Locator {
    return this.by("composer");
  }

  /** Who they are to the server. */
  id(): Promise<string> {
    return this.page.evaluate(() => {
      const identity = JSON.parse(localStorage.getItem("maru:identity") ?? "{}") as {
        user?: { id?: string };
      };
      return identity.user?.id ?? "";
    });
  }

  /** Goes with the keyboard to what the log has right before the composer. */
  async tabIntoLog(): Promise<void> {
    await this.page.locator("form.composer").locator("button, textarea").first().focus();
    await this.page.keyboard.press("Shift+Tab");
  }

  async write(text: string): Promise<void> {
    await this.box.fill(text);
  }

  async say(text: string): Promise<void> {
    await this.write(text);
    await this.box.press("Enter");
  }

  /** The page's shortcuts listen: they come after the first paint. */
  async hasKeys(): Promise<void> {
    await until("the shortcuts listen", () =>
      this.page.evaluate(() => document.documentElement.dataset["keys"] === "true"),
    );
  }

  press(...keys: readonly string[]): Promise<void> {
    return keys.reduce(
      (before, key) => before.then(() => this.page.keyboard.press(key)),
      Promise.resolve(),
    );
  }

  /** What has the focus: its test id, or its accessible name. */
  focused(): Promise<string> {
    return this.page.evaluate(() => {
      const { activeElement: at } = document;
      return at?.getAttribute("data-testid") ?? at?.getAttribute("aria-label") ?? at?.tagName ?? "";
    });
  }

  /** What the room on screen shows, with the author that heads each group. */
  said(): Promise<Said[]> {
    return this.by("message").evaluateAll((rows) => {
      let author = "";
      return rows.map((row) => {
        author = row.querySelector("[data-testid=author]")?.textContent ?? author;
        return { author, body: row.querySelector("[data-testid=body]")?.textContent ?? "" };
      });
    });
  }

  async bodies(): Promise<string[]> {
    return (await this.said()).map(({ body }) => body);
  }

  /** How many messages are on their way, and how many failed. */
  states(): Promise<(string | null)[]> {
    return this.by("message").evaluateAll((rows) =>
      rows.map((row) => row.getAttribute("data-state")),
    );
  }

  /** Waits until nothing of theirs is under way any more, and the room shows exactly this. */
  async seesAll(bodies: readonly string[]): Promise<void> {
    await sees(() => this.bodies(), [...bodies]);
    await until("everything is sent", async () =>
      (await this.states()).every((state) => state === "sent"),
    );
  }

  /** Nothing slides or fades any more; what goes on for ever doesn't count. */
  isStill(): Promise<boolean> {
    return this.page.evaluate(async () => {
      // What has just been changed begins to move with the next frames.
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
      return document.getAnimations().every((animation) => {
        const endless = animation.effect?.getComputedTiming().iterations === Infinity;
        return endless || animation.playState !== "running";
      });
    });
  }

  /** How many of their messages wait on disk. */
  kept(): Promise<number> {
    return this.page.evaluate(
      () =>
        new Promise<number>((counted, failed) => {
          const opening = indexedDB.open("maru");
          opening.onerror = () => failed(new Error(String(opening.error)));
          opening.onsuccess = () => {
            const count = opening.result.transaction("outbox").objectStore("outbox").count();
            count.onerror = () => failed(new Error(String(count.error)));
            count.onsuccess = () => {
              opening.result.close();
              counted(count.result);
            };
          };
        }),
    );
  }

  /** The texts that this browser keeps of a room, to paint it at once after a reload. */
  remembers(roomKey: string): Promise<string[]> {
    return this.page.evaluate(
      (key) =>
        new Promise<string[]>((told, failed) => {
          const opening = indexedDB.open("maru-cache");
          opening.onerror = () => failed(new Error(String(opening.error)));
          opening.onsuccess = () => {
            const asked = opening.result.transaction("rooms").objectStore("rooms").get(key);
            asked.onerror = () => failed(new Error(String(asked.error)));
            asked.onsuccess = () => {
              opening.result.close();
              const room = asked.result as { entries: { body?: string }[] } | undefined;
              told((room?.entries ?? []).map(({ body }) => body ?? ""));
            };
          };
        }),
      roomKey,
    );
  }

  /** From the next visit on, the page chooses the longest waits that it may. */
  async patientReconnects(): Promise<void> {
    await this.page.addInitScript(() => {
      Math.random = () => 0.99;
    });
  }

  get banner(): Locator {
    return this.by("connection-banner");
  }

  /** What the banner counts down; 0 when it doesn't. */
  async secondsToWait(): Promise<number> {
    const text = (await this.banner.textContent()) ?? "";
    return Number(/Next try in (\d+) seconds?\./.exec(text)?.[1] ?? 0);
  }

  /** Tries in vain until the page waits long before it tries by itself. */
  async exhaustReconnects(): Promise<void> {
    const now = this.button("Reconnect now");
    await until("the wait is long", async () => {
      if ((await this.secondsToWait()) > 20) return true;
      // It may be gone by the time of the click: the next look decides.
      if (await now.isVisible()) await now.click({ timeout: 1_000 }).catch(() => undefined);
      return false;
    });
  }

  async people(): Promise<string[]> {
    return (await this.by("person").locator(".person-name").allTextContents()).sort();
  }

  /** The number on a room's badge; null without one. */
  async unread(room: string): Promise<string | null> {
    const badge = this.mine(room).locator("[data-testid=unread] [aria-hidden]");
    // One look: what is drawn anew meanwhile is for the next one.
    const [text] = await badge.allTextContents();
    return text ?? null;
  }

  /** What Control+C puts on the clipboard as text. */
  async copies(): Promise<string> {
    await this.page.evaluate(() => {
      // Heard after the page: what it put there.
      const hear = (event: ClipboardEvent) =>
        Object.assign(window, {
          copied: event.defaultPrevented
            ? event.clipboardData?.getData("text/plain")
            : String(getSelection()),
        });
      addEventListener("copy", hear, { once: true });
    });
    await this.page.keyboard.press("ControlOrMeta+C");
    return this.page.evaluate(() => (window as { copied?: string }).copied ?? "");
  }

  /** How far the log is scrolled from its end, in pixels. */
  fromBottom(): Promise<number> {
    return this.by("log").evaluate((log) =>
      Math.round(log.scrollHeight - log.clientHeight - log.scrollTop),
    );
  }

  /** Something reaches over the right edge: what, or null. */
  overflow(): Promise<string | null> {
    return this.page.evaluate(() => {
      for (const element of [document.documentElement, ...document.querySelectorAll("*")]) {
        const { overflowX } = getComputedStyle(element);
        const scrolls = overflowX === "auto" || overflowX === "scroll";
        if (element !== document.documentElement && !scrolls) continue;
        if (element.scrollWidth > element.clientWidth) {
          return `${element.tagName}.${element.className}: ${element.scrollWidth} > ${element.clientWidth}`;
        }
      }
      return null;
    });
  }
}

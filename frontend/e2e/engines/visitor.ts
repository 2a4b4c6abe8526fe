// Somebody in front of a browser of any kind.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { sees, until } from "../support/until.js";
import type { Stage } from "./stage.js";
import type { Tab } from "./tab.js";

export const by = (testid: string) => `[data-testid="${testid}"]`;
export const saying = (seq: number) => `${by("message")}[data-seq="${seq}"]`;

/** Longer than the page takes a hand to be on the wheel (`ui/room/timeline/timeline.tsx`). */
const REST_MS = 200;

export class Visitor {
  private pictures = 0;

  constructor(
    readonly tab: Tab,
    private readonly stage: Stage,
    /** Where pictures of the screen go; none are taken without one. */
    private readonly album: string | undefined,
  ) {}

  async visit(room: string, id?: string): Promise<void> {
    const message = id === undefined ? "" : `/m/${id}`;
    await this.tab.open(`${this.stage.site.address}/#/r/${encodeURIComponent(room)}${message}`);
  }

  async isIn(room: string): Promise<void> {
    await sees(() => this.text("room-title"), room);
    await sees(() => this.attribute("log", "aria-busy"), "false");
  }

  text(testid: string): Promise<string | null> {
    return this.tab.run((at) => document.querySelector(at)?.textContent ?? null, by(testid));
  }

  attribute(testid: string, name: string): Promise<string | null> {
    return this.tab.run(
      (at, name) => document.querySelector(at)?.getAttribute(name) ?? null,
      by(testid),
      name,
    );
  }

  /** It is there, and drawn. */
  isShown(testid: string): Promise<boolean> {
    return this.tab.run(
      (at) => [...document.querySelectorAll(at)].some((one) => one.getClientRects().length > 0),
      by(testid),
    );
  }

  isInView(selector: string): Promise<boolean> {
    return this.tab.run((at) => {
      const row = document.querySelector(at)?.getBoundingClientRect();
      const log = document.querySelector("[role=log]")?.getBoundingClientRect();
      if (row === undefined || log === undefined) return false;
      return row.top >= log.top - 1 && row.bottom <= log.bottom + 1;
    }, selector);
  }

  bodyOf(seq: number): Promise<string | null> {
    return this.tab.run(
      (at) => document.querySelector(at)?.textContent ?? null,
      `${saying(seq)} ${by("body")}`,
    );
  }

  /** The number on a room's badge; null without one. */
  badge(room: string): Promise<string | null> {
    return this.tab.run(
      (at) => document.querySelector(at)?.textContent ?? null,
      `${by("room-item")}[data-room="${room}"] ${by("unread")} [aria-hidden]`,
    );
  }

  /** Who they are to the server. */
  id(): Promise<string> {
    return this.tab.run(() => {
      const kept = localStorage.getItem("maru:identity") ?? "{}";
      return (JSON.parse(kept) as { user?: { id?: string } }).user?.id ?? "";
    });
  }

  /** How far the log is scrolled from its end, in pixels. */
  fromBottom(): Promise<number> {
    return this.tab.run((at) => {
      const log = document.querySelector(at);
      return log === null ? -1 : Math.round(log.scrollHeight - log.clientHeight - log.scrollTop);
    }, by("log"));
  }

  /** The service worker is there, with all that the page consists of. */
  async isInstalled(): Promise<void> {
    await until("the worker is there", () =>
      this.tab.run(async () => {
        const registration = await navigator.serviceWorker.getRegistration();
        return registration?.active?.state === "activated" && registration.installing === null;
      }),
    );
  }

  /** What went wrong in the page, over all its lives. */
  errors(): Promise<string[]> {
    return this.tab.run(() => JSON.parse(sessionStorage.getItem("errors") ?? "[]") as string[]);
  }

  /** The rows of the log that are drawn, and how far each stands below the log's upper edge. */
  rows(): Promise<(readonly [seq: number, top: number])[]> {
    return this.tab.run((at) => {
      const edge = document.querySelector("[role=log]")?.getBoundingClientRect().top ?? 0;
      return [...document.querySelectorAll<HTMLElement>(at)].map(
        (row) => [Number(row.dataset["seq"]), row.getBoundingClientRect().top - edge] as const,
      );
    }, by("message"));
  }

  /** The rows, once nothing moves any more: longer than the page takes a wheel to be turning. */
  async rowsAtRest(): Promise<Map<number, number>> {
    let before = "";
    let rows: Awaited<ReturnType<Visitor["rows"]>> = [];
    await until("the log is at rest", async () => {
      await pause(REST_MS);
      rows = await this.rows();
      const now = JSON.stringify(rows);
      const still = now === before;
      before = now;
      return still;
    });
    return new Map(rows);
  }

  /** From now on the page adds up how far its wheel was turned up. */
  countWheel(): Promise<void> {
    return this.tab.run(() => {
      Object.assign(window, { turned: 0 });
      const add = (event: WheelEvent) => {
        (window as unknown as { turned: number }).turned -= event.deltaY;
      };
      addEventListener("wheel", add, { capture: true, passive: true });
    });
  }

  turned(): Promise<number> {
    return this.tab.run(() => (window as unknown as { turned: number }).turned);
  }

  count(selector: string): Promise<number> {
    return this.tab.run((at) => document.querySelectorAll(at).length, selector);
  }

  written(): Promise<string> {
    return this.tab.run(
      (at) => document.querySelector<HTMLTextAreaElement>(at)?.value ?? "",
      by("composer"),
    );
  }

  /** What the room on screen shows, and nothing of it is under way. */
  bodies(): Promise<string[] | string> {
    return this.tab.run((at) => {
      const rows = [...document.querySelectorAll(at)];
      if (rows.some((row) => row.getAttribute("data-state") !== "sent")) return "under way";
      return rows.map((row) => row.querySelector('[data-testid="body"]')?.textContent ?? "");
    }, by("message"));
  }

  async click(testid: string): Promise<void> {
    await this.tab.click(by(testid));
  }

  /** By the pointer over a message: a button of its toolbar. */
  async tool(seq: number, button: string): Promise<void> {
    await this.tab.hover(saying(seq));
    await this.tab.click(`${saying(seq)} ${button}`);
  }

  async say(text: string): Promise<void> {
    await this.click("composer");
    await this.tab.type(text);
    await this.tab.press("Enter");
    await sees(() => this.written(), "");
  }

  async hasKeys(): Promise<void> {
    await until("the shortcuts listen", () =>
      this.tab.run(() => document.documentElement.dataset["keys"] === "true"),
    );
  }

  /** Says what reaches over the right edge of the window, or null. */
  overflow(): Promise<string | null> {
    return this.tab.run(() => {
      for (const element of document.querySelectorAll("body *")) {
        const { right, width } = element.getBoundingClientRect();
        const hidden = element.closest("[aria-hidden=true], .visually-hidden, [hidden]") !== null;
        if (width > 1 && !hidden && right > innerWidth + 1) {
          return `${element.tagName}.${element.className} ends at ${right} of ${innerWidth}`;
        }
      }
      return null;
    });
  }

  /** A picture, for who asked for some. */
  async look(what: string): Promise<void> {
    if (this.album === undefined) return;
    mkdirSync(this.album, { recursive: true });
    // WebKit hands out the frame before, and what moves is no sight.
    await this.tab.run(async () => {
      await new Promise((next) => setTimeout(next, 300));
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    });
    this.pictures += 1;
    const name = `${String(this.pictures).padStart(2, "0")}-${what}.png`;
    writeFileSync(join(this.album, name), await this.tab.picture());
  }
}

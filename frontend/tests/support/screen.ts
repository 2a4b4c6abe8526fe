// A log on a screen without a browser: the real controller, over a port that lays out its rows.

import { vi } from "vitest";
import type { Room } from "../../src/store/room";
import { RoomViews } from "../../src/ui/context/room-views";
import type { App } from "../../src/ui/context/app-context";
import { logController } from "../../src/ui/room/timeline/log-controller";
import type { LogElements } from "../../src/ui/room/timeline/row-sizes";
import type { Row } from "../../src/ui/room/timeline/rows";
import { fakeDocument } from "./dom";
import { i18nIn } from "./i18n";
import type { Page } from "./page";
import { Port } from "./port";
import { signal } from "@preact/signals";

/** Drawings that may follow from each other. */
const MOST = 100;

/** Somebody looks at the page from now on, until `vi.unstubAllGlobals`. */
export function somebodyLooks(): void {
  fakeDocument();
  vi.stubGlobal("document", Object.assign(document, { hasFocus: () => true }));
}

export class Screen {
  readonly port = new Port();
  readonly log: ReturnType<typeof logController>;
  private readonly before = new Set<() => void>();
  private readonly leave: () => void;
  private due = false;
  private rows: readonly Row[] = [];

  constructor(
    page: Page,
    room: Room,
    /** How high a row turns out to be. */
    private readonly height: (key: string) => number,
    views = new RoomViews(),
  ) {
    const app = {
      client: page.client,
      i18n: i18nIn("en"),
      views,
      router: { message: signal(null), leaveMessage: () => undefined },
      beforeDrawing: (run: () => void) => {
        this.before.add(run);
        return () => this.before.delete(run);
      },
    } as unknown as App;
    const { port } = this;
    port.clientHeight = 600;
    const elements = {
      port: { current: port },
      list: {
        get current() {
          return port.list;
        },
      },
      before: { current: null },
      after: { current: null },
    } as unknown as LogElements;
    this.log = logController(app, room, elements, () => void (this.due = true));
    this.leave = this.log.follow();
    this.due = true;
    this.draw();
  }

  /** Everything that is due is drawn, as `timeline.tsx` does it. */
  draw(): void {
    for (let n = 0; this.due; n++) {
      if (n > MOST) throw new Error("it never comes to rest");
      this.due = false;
      this.before.forEach((run) => run());
      const frame = this.log.frame();
      this.rows = frame?.drawn ?? [];
      this.port.drawn = this.rows.map(({ key }) => ({ key, height: this.height(key) }));
      this.log.drawn();
      this.log.look();
    }
  }

  scrollBy(pixels: number): void {
    this.port.scrollTop += pixels;
    this.log.scrolled();
    this.draw();
  }

  /** The rows whose end is on screen. */
  shown(): Row[] {
    if (this.log.frame()?.loaded !== true) return [];
    return this.rows.filter((row) => {
      const top = this.port.topOf(row.key) ?? -1;
      const bottom = top + this.height(row.key);
      return bottom > 0 && bottom <= this.port.clientHeight + 1;
    });
  }

  close(): void {
    this.leave();
  }
}

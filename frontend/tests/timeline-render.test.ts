// Drawing the log changes nothing: what moves is moved by the controller, before and after.

import { signal } from "@preact/signals";
import { h, render } from "preact";
import type { ComponentChild } from "preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Room } from "../src/store/room";
import { AppContext } from "../src/ui/context/app-context";
import type { App } from "../src/ui/context/app-context";
import { RoomViews } from "../src/ui/context/room-views";
import type { logController } from "../src/ui/room/timeline/log-controller";
import type { ScrollManager } from "../src/ui/room/timeline/scroll-manager";
import { Timeline } from "../src/ui/room/timeline/timeline";
import type { Row } from "../src/ui/room/timeline/rows";
import { fakeDocument } from "./support/dom";
import { i18nIn } from "./support/i18n";
import { message, Page } from "./support/page";

const made = vi.hoisted(() => ({
  log: null as ReturnType<typeof logController> | null,
  scroll: null as ScrollManager<Row> | null,
}));

vi.mock("../src/ui/room/timeline/log-controller", async (original) => {
  const real = await original<typeof import("../src/ui/room/timeline/log-controller")>();
  return {
    logController: (...args: Parameters<typeof logController>) =>
      (made.log = real.logController(...args)),
  };
});
vi.mock("../src/ui/room/timeline/scroll-manager", async (original) => {
  const real = await original<typeof import("../src/ui/room/timeline/scroll-manager")>();
  return {
    ScrollManager: class extends real.ScrollManager<Row> {
      constructor(...args: ConstructorParameters<typeof real.ScrollManager<Row>>) {
        super(...args);
        made.scroll = this;
      }
    },
  };
});
// What a row looks like is nothing to this test.
vi.mock("../src/ui/room/timeline/row-view", () => ({
  RowView: ({ row }: { row: Row }) => h("div", { class: "row", "data-key": row.key }),
}));

let renders = 0;
let app: App;
let room: Room;
let page: Page;

/** All that a drawing could have changed: divider, place, layout, focus, and what the room knows. */
function state(): string {
  const { divider, place, written, wanted } = app.views.of(room.key);
  const { log, scroll } = made;
  const { reader, read, paging } = room;
  const values = { written: written.value, wanted: wanted.value, paging: paging.value };
  const roving = log?.roving;
  const focus = Object.assign({}, roving, { key: roving?.key.value, inside: roving?.inside.value });
  const known = { reader, read: read.seq.value, far: log?.far.value, up: log?.up.value };
  const elements = { port: null, list: null, apart: null };
  const parts = Object.assign({}, scroll, elements, { layout: Object.assign({}, scroll?.layout) });
  return JSON.stringify({ divider, place, values, focus, known, parts, frame: log?.frame() });
}

/** The log itself, watched while it is drawn. */
function Watched(props: { time: number }): ComponentChild {
  const before = made.log === null ? null : state();
  const drawn = Timeline({ room });
  if (before !== null) expect(state()).toBe(before);
  if (props.time >= 0) renders += 1;
  return drawn;
}

const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise((done) => setTimeout(done));
};
const draw = (body: object, time = 0) =>
  render(
    h(AppContext.Provider, { value: app, children: h(Watched, { time }) }),
    body as HTMLElement,
  );

beforeEach(() => {
  made.log = made.scroll = null;
  renders = 0;
  page = Page.greeted();
  room = page.joined("lobby", 30);
  app = {
    client: page.client,
    i18n: i18nIn("en"),
    views: new RoomViews(),
    router: { message: signal(null), leaveMessage: () => undefined },
    schedule: (run: () => void) => queueMicrotask(run),
  } as unknown as App;
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it("draws what the controller's frame has, and changes nothing by that", async () => {
  const body = fakeDocument();
  draw(body);
  await settle();
  const rows = made.log?.frame()?.drawn ?? [];
  expect(rows.some((row) => row.key === "lobby-30")).toBe(true);

  // Nobody looks: a line stands above what comes now, and the frame has it.
  page.entry(message("lobby", 31));
  await settle();
  expect(made.log?.frame()?.drawn.map(({ key }) => key)).toEqual(
    expect.arrayContaining(["divider", "lobby-31"]),
  );
  made.log?.show("lobby-12");
  await settle();
  expect(renders).toBeGreaterThan(3);
  render(null, body as unknown as HTMLElement);
});

it("draws the same again while nothing happened", async () => {
  const body = fakeDocument();
  draw(body);
  await settle();
  const [frame, before, count] = [made.log?.frame(), state(), renders];
  for (let time = 1; time <= 3; time++) draw(body, time);
  await settle();
  expect(renders).toBe(count + 3);
  expect(made.log?.frame()).toBe(frame);
  expect(state()).toBe(before);
  render(null, body as unknown as HTMLElement);
});

// Drawing the log changes nothing: what moves is moved by the controller, before and after.

import { signal } from "@preact/signals";
import { h, render } from "preact";
import type { ComponentChild } from "preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Room } from "../src/store/room";
import { drawByFrame } from "../src/ui/app/frame-pacing";
import { AppContext } from "../src/ui/context/app-context";
import type { App } from "../src/ui/context/app-context";
import { RoomViews } from "../src/ui/context/room-views";
import type { logController } from "../src/ui/room/timeline/log-controller";
import type { ScrollManager } from "../src/ui/room/timeline/scroll-manager";
import { Timeline } from "../src/ui/room/timeline/timeline";
import type { Row } from "../src/ui/room/timeline/rows";
import { FakeElement, fakeDocument } from "./support/dom";
import { i18nIn } from "./support/i18n";
import { message, messages, Page } from "./support/page";

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
let body: FakeElement;

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
const draw = (time = 0) =>
  render(
    h(AppContext.Provider, { value: app, children: h(Watched, { time }) }),
    body as unknown as HTMLElement,
  );

beforeEach(() => {
  body = fakeDocument();
  made.log = made.scroll = null;
  renders = 0;
  page = Page.greeted();
  room = page.joined("lobby", 30);
  app = {
    client: page.client,
    i18n: i18nIn("en"),
    views: new RoomViews(),
    router: { message: signal(null), leaveMessage: () => undefined },
    beforeDrawing: drawByFrame(),
  } as unknown as App;
});
afterEach(async () => {
  render(null, body as unknown as HTMLElement);
  await settle();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it("draws what the controller's frame has, and changes nothing by that", async () => {
  draw();
  await settle();
  const rows = made.log?.frame()?.drawn ?? [];
  expect(rows.some((row) => row.key === "lobby-30")).toBe(true);

  // Nobody looks: a line stands above what comes now, and the frame has it.
  page.entry(message("lobby", 31));
  await settle();
  expect(made.log?.frame()?.drawn.map(({ key }) => key)).toEqual(
    expect.arrayContaining(["divider", "lobby-31"]),
  );
  app.views.showMessage(room.key, 12);
  await settle();
  expect(renders).toBeGreaterThan(3);
});

it("draws the same again while nothing happened", async () => {
  draw();
  await settle();
  const [frame, before, count] = [made.log?.frame(), state(), renders];
  for (let time = 1; time <= 3; time++) draw(time);
  await settle();
  expect(renders).toBe(count + 3);
  expect(made.log?.frame()).toBe(frame);
  expect(state()).toBe(before);
});

/** The first element in a tree that holds. */
function find(root: FakeElement, holds: (each: FakeElement) => boolean): FakeElement | undefined {
  if (holds(root)) return root;
  for (const child of root.children) {
    const found = find(child, holds);
    if (found !== undefined) return found;
  }
  return undefined;
}

it("goes with a reader who scrolls on while the drawing is on its way", async () => {
  const holdsRows = ({ children }: FakeElement) => children[0]?.dataset["key"] !== undefined;
  const isPort = ({ dataset }: FakeElement) => dataset["testid"] === "log";
  vi.spyOn(FakeElement.prototype, "getBoundingClientRect").mockImplementation(function (
    this: FakeElement,
  ) {
    const top = holdsRows(this) ? -(find(body, isPort)?.scrollTop ?? 0) : 0;
    // As it is estimated: nothing moves by itself.
    return { top, height: 24.5 };
  });
  room = page.client.membership.enter("archive");
  page.answerJoin("archive", { entries: messages("archive", 1, 300) });
  draw();
  await settle();
  const port = find(body, isPort) ?? body;
  Object.assign(port, { clientHeight: 600, scrollHeight: 7_350 });
  const { log, scroll } = made;

  port.scrollTop = 4_000;
  log?.scrolled();
  // Before what there is is drawn, and before the browser tells.
  port.scrollTop = 2_000;
  await settle();
  expect(port.scrollTop).toBe(2_000);
  expect(find(body, holdsRows)?.style["marginTop"]).toBe("0px");
  expect(scroll?.top).toBeCloseTo(2_000);
  expect(scroll?.covered).toBe(true);
});

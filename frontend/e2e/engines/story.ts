// What somebody does in Maru on one day, in order, once for every browser: each step goes on from
// where the one before left the page.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { picture } from "../support/picture.js";
import { sees, until } from "../support/until.js";
import type { Engine } from "./tab.js";
import type { Stage } from "./stage.js";
import { by, saying } from "./visitor.js";
import type { Visitor } from "./visitor.js";

/** A wheel turns smoothly, and each of its steps is rounded: far less than a line. */
const ROUNDED_PX = 4;

export interface Scene {
  stage: Stage;
  engine: Engine;
  me: Visitor;
}

export const STORY: readonly (readonly [step: string, act: (scene: Scene) => Promise<void>])[] = [
  ["takes a name, and is in the room of the link", arrive],
  ["says something in Korean and in markdown", talk],
  ["corrects the last message by the arrow up", edit],
  ["reacts, answers and deletes", deeds],
  ["brings a picture", bring],
  ["hears what others say, and is told what is unread", unread],
  ["finds what was said, in its place", find],
  ["goes to a room by the initial consonants of its name", change],
  ["reads back to the beginning, and nothing jumps", readBack],
  ["follows a link to a message", follow],
  ["chooses Korean and the dark", settle],
  ["talks on while the server is away, and each message arrives once", outage],
  ["opens the page without any network", offline],
  ["has a page that fits a phone", phone],
];

async function arrive({ me }: Scene): Promise<void> {
  await me.visit("lobby");
  await until("the dialog shows", () => me.isShown("name-dialog"));
  await me.look("name");
  await me.click("name-input");
  await me.tab.type("Ada");
  await me.tab.press("Enter");
  await me.isIn("lobby");
  await me.hasKeys();
  await me.look("lobby");
}

async function talk({ me, stage }: Scene): Promise<void> {
  await me.say("안녕하세요, 마루예요");
  await me.say("**bold**, `code` and https://example.com");
  await sees(() => me.bodies(), ["안녕하세요, 마루예요", "bold, code and https://example.com"]);
  await sees(() => me.count(`${saying(2)} strong`), 1);
  await me.tab.type("one line");
  await me.tab.press("Shift+Enter");
  await me.tab.type("and another");
  await me.look("two-lines");
  await me.tab.press("Enter");
  await sees(
    async () => (await stage.server.history("lobby")).map(({ body }) => body),
    ["안녕하세요, 마루예요", "**bold**, `code` and https://example.com", "one line\nand another"],
  );
}

async function edit({ me }: Scene): Promise<void> {
  await me.click("composer");
  await me.tab.press("ArrowUp");
  await sees(() => me.written(), "one line\nand another");
  await me.look("edit");
  await me.tab.type("!");
  await me.tab.press("Enter");
  await sees(() => me.bodyOf(3), "one line\nand another!");
  await until("it says so", () => me.isShown("edited"));
}

async function deeds({ me }: Scene): Promise<void> {
  await me.tool(1, '.tool[data-emoji="👍"]');
  await sees(() => me.attribute("reaction", "aria-pressed"), "true");
  await me.tool(1, '[data-deed="reply"]');
  await sees(() => me.attribute("compose-bar", "data-is"), "reply");
  await me.tab.type("answered");
  await me.tab.press("Enter");
  await until("it is quoted", () => me.isShown("quote"));
  await me.tool(3, by("more"));
  await me.tab.click(`${by("message-menu")} [data-deed="delete"]`);
  await until("it asks", () => me.isShown("delete-dialog"));
  await me.look("delete");
  await me.click("delete-submit");
  await until("its place is left", () => me.isShown("tombstone"));
  await sees(async () => (await me.bodies()).at(-1), "answered");
  await me.look("deeds");
}

async function bring({ me }: Scene): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "maru-picture-"));
  const path = join(folder, "바다.png");
  writeFileSync(path, picture(640, 400));
  await me.tab.attach(by("attach-input"), path);
  await sees(() => me.attribute("attachment", "data-state"), "done");
  await me.look("attached");
  await me.click("composer");
  await me.tab.press("Enter");
  await sees(() => me.attribute("picture", "data-state"), "shown");
  await me.look("picture");
  await me.click("picture");
  await until("it is large", () => me.isShown("lightbox-picture"));
  await me.look("lightbox");
  await me.tab.press("Escape");
  await until("it is closed", async () => !(await me.isShown("lightbox")));
  rmSync(folder, { recursive: true });
}

async function unread({ me, stage }: Scene): Promise<void> {
  await me.visit("회의");
  await me.isIn("회의");
  await stage.grace.enter("lobby");
  await stage.grace.say("lobby", ["first", "second"]);
  await stage.grace.call("lobby", "third, @Ada", await me.id());
  await sees(() => me.badge("lobby"), "3");
  await sees(() => me.tab.run(() => document.title), "(3) 회의 · Maru");
  await me.look("unread");
  await me.tab.click('.room-item[data-room="lobby"]');
  await me.isIn("lobby");
  await until("the divider shows", () => me.isShown("divider"));
  await me.look("divider");
  await sees(() => me.badge("lobby"), null);
  await sees(() => me.tab.run(() => document.title), "lobby · Maru");
}

async function find({ me }: Scene): Promise<void> {
  await me.click("composer");
  await me.tab.press("Control+Shift+f");
  await until("the search is open", () => me.isShown("search-input"));
  // The index is written a moment after the messages.
  await until("it is found", async () => {
    await me.tab.run((at) => {
      const field = document.querySelector<HTMLInputElement>(at);
      field?.focus();
      field?.select();
    }, by("search-input"));
    await me.tab.type("마루");
    await until(
      "there is an answer",
      async () => (await me.count(by("search-none"))) + (await me.count(by("hit"))) > 0,
    );
    return (await me.count(by("hit"))) === 1;
  });
  await me.look("found");
  await me.click("hit");
  await sees(() => me.count(`[data-sought] ${saying(1)}, ${saying(1)}[data-sought]`), 1);
  if (await me.isShown("search-close")) await me.click("search-close");
  await until("it is closed", async () => !(await me.isShown("search")));
}

async function change({ me }: Scene): Promise<void> {
  await me.tab.press("Control+k");
  await until("it opens", () => me.isShown("switcher-input"));
  await me.tab.type("ㅎㅇ");
  await sees(() => me.attribute("switcher-option", "data-room"), "회의");
  await me.look("switcher");
  await me.tab.press("Enter");
  await me.isIn("회의");
}

async function readBack({ me, stage }: Scene): Promise<void> {
  await stage.talkLong("길어요");
  await me.visit("길어요");
  await me.isIn("길어요");
  await me.look("long");
  await me.countWheel();
  const seen = new Set<number>();
  let [before, turned] = [await me.rowsAtRest(), 0];
  while (!(await me.isShown("room-start"))) {
    await me.tab.wheel(by("log"), -600);
    const [now, whole] = [await me.rowsAtRest(), await me.turned()];
    for (const [seq, top] of now) {
      seen.add(seq);
      const moved = top - (before.get(seq) ?? top);
      // Up to the beginning it may be less, and where a page came in the way of a turning wheel.
      const jumps = moved < -ROUNDED_PX || moved > whole - turned + ROUNDED_PX;
      assert.ok(!jumps, `${seq} moved by ${moved} px when the wheel turned ${whole - turned}`);
    }
    [before, turned] = [now, whole];
  }
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    Array.from({ length: 300 }, (_, n) => n + 1),
  );
  await me.look("beginning");
  await me.click("jump");
  await sees(() => me.fromBottom(), 0);
}

async function follow({ me, stage }: Scene): Promise<void> {
  const [old] = await stage.server.history("길어요");
  assert.ok(old);
  const row = saying(old.seq);
  await me.visit("길어요", old.id);
  await sees(() => me.count(`[data-sought] ${row}, ${row}[data-sought]`), 1);
  await until("it is in view", () => me.isInView(row));
  await me.look("link");
  // And once more by a page that begins there.
  await me.tab.reload();
  await until("it is in view", () => me.isInView(row));
}

async function settle({ me }: Scene): Promise<void> {
  await me.visit("lobby");
  await me.isIn("lobby");
  await me.click("settings");
  await until("it opens", () => me.isShown("settings-dialog"));
  await me.look("settings");
  await me.tab.click(`${by("language")} label:has(input[value="ko"])`);
  await sees(() => me.tab.run(() => document.documentElement.lang), "ko");
  await me.tab.click(`${by("theme")} label:has(input[value="dark"])`);
  await me.look("dark");
  await me.tab.press("Escape");
  await until("it closes", async () => !(await me.isShown("settings-dialog")));
  await me.tab.reload();
  await me.isIn("lobby");
  await sees(() => me.attribute("composer", "placeholder"), "lobby 방에 메시지 보내기");
  await me.look("korean-dark");
}

async function outage({ me, stage }: Scene): Promise<void> {
  await stage.server.kill();
  await until("the banner shows", () => me.isShown("connection-banner"));
  const waiting = ["하나", "둘", "셋"];
  for (const text of waiting) await me.say(text);
  await sees(() => me.count(`${by("message")}[data-state="pending"]`), 3);
  await me.look("banner");
  // What waits is on disk: the page may go meanwhile.
  await me.tab.reload();
  await sees(() => me.count(`${by("message")}[data-state="pending"]`), 3);
  await stage.server.restart();
  await until("all is sent", async () => (await me.bodies()) !== "under way");
  await sees(async () => (await me.bodies()).slice(-3), waiting);
  const said = (await stage.server.history("lobby")).map(({ body }) => body);
  assert.deepEqual(
    said.filter((body) => waiting.includes(body)),
    waiting,
  );
}

async function offline({ me, stage }: Scene): Promise<void> {
  await me.isInstalled();
  const before = await me.bodies();
  await stage.leave();
  await until("the banner shows", () => me.isShown("connection-banner"));
  await me.tab.reload();
  await sees(() => me.text("room-title"), "lobby");
  await sees(() => me.bodies(), before);
  await me.look("offline");
  await me.say("from the tunnel");
  await stage.comeBack();
  await until("it is sent", async () => (await me.bodies()) !== "under way");
  const said = (await stage.server.history("lobby")).map(({ body }) => body);
  assert.equal(said.filter((body) => body === "from the tunnel").length, 1);
}

async function phone({ me }: Scene): Promise<void> {
  await me.visit("lobby");
  await me.isIn("lobby");
  await me.tab.resize(390, 844);
  // What stands in the box is seen whole, also when the window has just become narrow.
  await sees(
    () =>
      me.tab.run((at) => {
        const box = document.querySelector(at);
        return box === null ? -1 : box.scrollHeight - box.clientHeight;
      }, by("composer")),
    0,
  );
  for (const [theme, room] of [
    ["dark", "lobby"],
    ["light", "길어요"],
  ] as const) {
    await me.visit(room);
    await me.isIn(room);
    await me.tab.run((theme) => (document.documentElement.dataset["theme"] = theme), theme);
    assert.equal(await me.overflow(), null);
    await me.look(`phone-${theme}`);
    await me.click("open-rooms");
    await until("the rooms show", () => me.isShown("rooms-drawer"));
    // As on a desktop: names begin beside their tiles.
    await sees(
      () =>
        me.tab.run(
          (at) => getComputedStyle(document.querySelector(at) ?? document.body).textAlign,
          by("rooms-drawer"),
        ),
      "start",
    );
    assert.equal(await me.overflow(), null);
    await me.look(`phone-rooms-${theme}`);
    await me.tab.press("Escape");
  }
}

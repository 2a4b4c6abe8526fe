// Files: attached by every way there is, on their way, in the room, and over a reload.

import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import type { Person } from "./support/person.js";
import { picture } from "./support/picture.js";
import { scenario } from "./support/scenario.js";
import { sees, until } from "./support/until.js";
import { PHONE } from "./support/world.js";

interface Given {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const png = (name: string, width = 640, height = 400): Given => ({
  name,
  mimeType: "image/png",
  buffer: picture(width, height),
});
const zip = (name: string, size = 4_000): Given => ({
  name,
  mimeType: "application/zip",
  buffer: Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(size - 4, 7)]),
});

const pick = (person: Person, ...files: Given[]) => person.by("attach-input").setInputFiles(files);
const stages = (person: Person) =>
  person
    .by("attachment")
    .evaluateAll((chips) => chips.map((chip) => chip.getAttribute("data-state")));
const ready = (person: Person, count: number) =>
  sees(
    () => stages(person),
    Array.from({ length: count }, () => "done"),
  );
const isShown = (one: Locator) =>
  until("the picture is there", async () => (await one.getAttribute("data-state")) === "shown");

/** Gives files to an element the way a paste or a drop does. */
async function give(target: Locator, how: "paste" | "drop", files: Given[], text?: string) {
  const data = files.map(({ name, mimeType, buffer }) => ({
    name,
    mimeType,
    base64: buffer.toString("base64"),
  }));
  await target.evaluate(
    (element, { how, data, text }) => {
      const transfer = new DataTransfer();
      for (const { name, mimeType, base64 } of data) {
        const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: mimeType }));
      }
      if (text !== undefined) transfer.setData("text/plain", text);
      const init = { bubbles: true, cancelable: true };
      if (how === "paste") {
        element.dispatchEvent(new ClipboardEvent("paste", { ...init, clipboardData: transfer }));
        return;
      }
      element.dispatchEvent(new DragEvent("dragover", { ...init, dataTransfer: transfer }));
      (globalThis as { given?: DataTransfer }).given = transfer;
    },
    { how, data, text },
  );
}
const letGo = (target: Locator) =>
  target.evaluate((element) => {
    const { given } = globalThis as { given?: DataTransfer };
    element.dispatchEvent(
      new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: given ?? null }),
    );
  });

scenario(
  "a picture has its place before it is there, and nothing jumps when it comes",
  async (world) => {
    await world.start();
    const minji = await world.person("민지");
    await minji.visit();
    await minji.nameThemselves();
    await minji.makeRoom("현장");
    const ada = await world.person("Ada");
    let open: () => void = () => undefined;
    const gate = new Promise<void>((opened) => (open = opened));
    await ada.page.route("**/api/v1/files/**", async (route) => {
      await gate;
      await route.continue();
    });
    await ada.comeInto("현장");

    await pick(minji, png("현장 사진 1.png", 1200, 800), zip("회의록 최종.zip"));
    await ready(minji, 2);
    await minji.say("어제 찍은 거예요");
    await sees(() => minji.by("attachment").count(), 0);

    await until("Ada has the message", () => ada.by("picture").isVisible());
    await sees(() => ada.bodies(), ["어제 찍은 거예요"]);
    const box = await ada.by("picture").boundingBox();
    assert.deepEqual([box?.width, box?.height], [360, 240]);
    assert.equal(await ada.by("picture").getAttribute("data-state"), "loading");
    const before = await ada.by("message").boundingBox();
    open();
    await isShown(ada.by("picture"));
    assert.deepEqual(await ada.by("message").boundingBox(), before);
    assert.equal(await ada.by("picture").locator("img").getAttribute("alt"), "현장 사진 1.png");

    // The other one is saved under its name.
    const saving = ada.page.waitForEvent("download");
    await ada.page.getByRole("link", { name: /^Download 회의록 최종\.zip/ }).click();
    assert.equal((await saving).suggestedFilename(), "회의록 최종.zip");
  },
);

scenario(
  "files are pasted and dropped; text is not, and a drag of text is let alone",
  async (world) => {
    await world.start();
    const minji = await world.person("민지");
    await minji.visit();
    await minji.nameThemselves();
    await minji.makeRoom("그림");
    await until("drops are taken", async () => (await minji.by("drop-zone").count()) === 1);

    await give(minji.box, "paste", [png("붙여넣은 그림.png")]);
    await ready(minji, 1);
    await until("it is shown small", () => minji.by("attachment").locator("img").isVisible());

    await give(minji.by("log"), "drop", [png("끌어온 그림.png"), zip("끌어온 것.zip")]);
    await until("the room invites", () => minji.by("drop-zone").isVisible());
    await letGo(minji.by("log"));
    await sees(() => minji.by("drop-zone").isVisible(), false);
    await ready(minji, 3);

    await give(minji.by("log"), "drop", [], "그냥 글");
    assert.equal(await minji.by("drop-zone").isVisible(), false);

    // Without a text, by the keyboard.
    await minji.box.press("Enter");
    await sees(() => minji.by("picture").count(), 2);
    await sees(() => minji.by("file").count(), 1);
    await sees(() => minji.states(), ["sent"]);
  },
);

scenario(
  "two at a time, with progress; one is cancelled, and Enter waits for the rest",
  async (world) => {
    await world.start();
    const minji = await world.person("민지");
    await minji.visit();
    await minji.nameThemselves();
    await minji.makeRoom("느린 길");
    const gates: (() => void)[] = [];
    await minji.page.route("**/api/v1/rooms/*/files*", async (route) => {
      if (route.request().method() === "POST") await new Promise<void>((go) => void gates.push(go));
      await route.continue().catch(() => undefined);
    });
    await pick(minji, zip("하나.zip"), zip("둘.zip"), zip("셋.zip"));
    await until("two are on their way", () => gates.length === 2);
    await sees(() => stages(minji), ["sending", "sending", "waiting"]);
    await until("there is a bar", () => minji.page.getByRole("progressbar").first().isVisible());

    await minji.button("Cancel the upload of 하나.zip").click();
    await sees(() => stages(minji), ["sending", "sending"]);
    await until("the next has its turn", () => gates.length === 3);

    await minji.say("셋 중에 둘");
    await sees(() => minji.states(), ["pending"]);
    await sees(() => minji.box.inputValue(), "");
    // What is written meanwhile doesn't wait.
    await minji.say("먼저 갈게요");
    await sees(() => minji.states(), ["pending", "sent"].reverse());
    for (const open of gates) open();
    await sees(() => minji.states(), ["sent", "sent"]);
    await sees(() => minji.bodies(), ["먼저 갈게요", "셋 중에 둘"]);
    await sees(() => minji.by("file").count(), 2);
    minji.forgiveNetworkErrors();
  },
);

scenario("what can't be taken is said before anything is sent", async (world) => {
  await world.start({ MARU_FILES__MAX_SIZE: "4 KiB" });
  const minji = await world.person("민지");
  await minji.visit();
  await minji.nameThemselves();
  await minji.makeRoom("작은 방");
  let posts = 0;
  await minji.page.route("**/api/v1/rooms/*/files*", (route) => {
    posts += 1;
    return route.continue();
  });
  await pick(minji, zip("큰 것.zip", 5_000), { ...zip("빈 것.zip"), buffer: Buffer.alloc(0) });
  await until("it is said", async () =>
    ((await minji.by("toasts").textContent()) ?? "").includes("1 file is larger than 4 kB"),
  );
  await until("the other, too", async () =>
    ((await minji.by("toasts").textContent()) ?? "").includes("1 file is empty: 빈 것.zip"),
  );
  await pick(minji, ...Array.from({ length: 12 }, (_, n) => zip(`${n}.zip`, 100)));
  await ready(minji, 10);
  await until("it is said", async () =>
    ((await minji.by("toasts").textContent()) ?? "").includes("can carry 10 files"),
  );
  assert.equal(posts, 10);
});

scenario("a server that takes no files offers none", async (world) => {
  await world.start({ MARU_FILES__ENABLED: "false" });
  const minji = await world.person("민지");
  await minji.visit();
  await minji.nameThemselves();
  await minji.makeRoom("글만");
  await until("the box is there", () => minji.box.isVisible());
  await sees(() => minji.by("attach").count(), 0);
});

scenario(
  "a reload keeps the text and what the server has, and tells what is lost",
  async (world) => {
    await world.start();
    const minji = await world.person("민지");
    await minji.visit();
    await minji.nameThemselves();
    await minji.makeRoom("다시");
    await pick(minji, png("다 올린 것.png"));
    await ready(minji, 1);
    await minji.page.route("**/files?name=*", () => new Promise(() => undefined));
    await pick(minji, zip("올리던 것.zip"));
    await sees(() => stages(minji), ["done", "sending"]);
    await minji.write("쓰던 글");
    await minji.page.reload();
    await minji.isIn("다시");
    await sees(() => minji.box.inputValue(), "쓰던 글");
    await ready(minji, 1);
    await until("it is told", async () =>
      ((await minji.by("attachments-lost").textContent()) ?? "").includes("올리던 것.zip"),
    );
    await minji.button("Got it").click();
    await sees(() => minji.by("attachments-lost").count(), 0);
    await minji.box.press("Enter");
    await isShown(minji.by("picture"));

    // A message that waits for its files asks before the page goes, and is not forgotten after.
    await pick(minji, zip("끝내 못 간 것.zip"));
    await minji.say("이건 중요해요");
    await sees(async () => (await minji.states()).at(-1), "pending");
    await minji.page.reload();
    assert.equal(minji.asked, 1);
    await minji.isIn("다시");
    await sees(() => minji.by("failed").getAttribute("data-code"), "files_lost");
    await minji.by("retry").click();
    await sees(async () => (await minji.states()).at(-1), "sent");
    await sees(async () => (await minji.bodies()).at(-1), "이건 중요해요");
    minji.forgiveNetworkErrors();
  },
);

scenario("pictures are looked at large, by the keyboard alone", async (world) => {
  await world.start();
  const minji = await world.person("민지");
  await minji.visit();
  await minji.nameThemselves();
  await minji.makeRoom("전시");
  await pick(minji, png("하나.png"), png("둘.png", 300, 900), png("셋.png", 900, 300));
  await ready(minji, 3);
  await minji.box.press("Enter");
  await sees(() => minji.by("picture").count(), 3);
  const first = minji.by("picture").first();
  await isShown(first);
  // The message, then what is in it.
  await minji.tabIntoLog();
  const onFirst = () => first.evaluate((element) => element === document.activeElement);
  for (let stop = 0; stop < 5 && !(await onFirst()); stop++) await minji.press("Tab");
  await minji.press("Enter");
  const large = () => minji.by("lightbox-picture").getAttribute("alt");
  await sees(large, "하나.png");
  await minji.page.keyboard.press("ArrowLeft");
  await sees(large, "셋.png");
  await minji.page.keyboard.press("ArrowRight");
  await minji.page.keyboard.press("ArrowRight");
  await sees(large, "둘.png");
  await minji.page.keyboard.press("Escape");
  await sees(() => minji.by("lightbox").count(), 0);
  await sees(() => first.evaluate((element) => element === document.activeElement), true);
});

scenario(
  "a new ticket doesn't load again what is shown, and a refused one is renewed",
  async (world) => {
    const server = await world.start();
    const minji = await world.person("민지");
    await minji.visit();
    await minji.nameThemselves();
    await minji.makeRoom("표");
    await pick(minji, png("그림.png"));
    await ready(minji, 1);
    await minji.box.press("Enter");
    await isShown(minji.by("picture"));
    const address = () => minji.by("picture").locator("img").getAttribute("src");
    const before = await address();
    await server.kill();
    await until("the connection is lost", () => minji.banner.isVisible());
    await server.restart();
    await until("it is back", async () => !(await minji.banner.isVisible()));
    assert.equal(await address(), before);
    assert.equal(await minji.by("picture").getAttribute("data-state"), "shown");
    minji.forgiveNetworkErrors();
  },
);

scenario("on a phone everything fits, and can be tapped", async (world) => {
  await world.start();
  const dowon = await world.person("도윤", { ...PHONE });
  await dowon.visit();
  await dowon.nameThemselves();
  await dowon.by("create-room").tap();
  await dowon.by("create-input").fill("폰");
  await dowon.by("create-submit").tap();
  await dowon.isIn("폰");
  await pick(
    dowon,
    png("가로로 긴 그림.png", 2400, 600),
    zip("아주 긴 이름을 가진 파일이라서 줄어들어야 하는 파일.zip"),
  );
  await ready(dowon, 2);
  assert.equal(await dowon.overflow(), null);
  await dowon.by("send").tap();
  await isShown(dowon.by("picture"));
  assert.equal(await dowon.overflow(), null);
  await dowon.by("picture").tap();
  await until("it is large", () => dowon.by("lightbox-picture").isVisible());
  assert.equal(await dowon.overflow(), null);
  await dowon.button("Close").tap();
  await sees(() => dowon.by("lightbox").count(), 0);
});

// Screens and languages in which something small went wrong.

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { PHONE } from "./support/world.js";
import { sees, until } from "./support/until.js";

scenario("a phone that is held sideways is a phone", async (world) => {
  await world.start();
  const ada = await world.person("Ada", { ...PHONE, viewport: { width: 844, height: 390 } });
  await ada.comeInto("lobby");
  const size = await ada.box.evaluate((box) => parseFloat(getComputedStyle(box).fontSize));
  assert.ok(size >= 16, `${size} px: a phone zooms into that`);
  // A finger has no keys.
  assert.ok(await ada.by("open-switcher").isHidden());
  assert.equal(await ada.overflow(), null);
});

scenario("a long time stands beside its message, in every density", async (world) => {
  await world.start();
  const ada = await world.person("민지", { locale: "ko-KR", timezoneId: "Asia/Seoul" });
  // As long as a time gets.
  await ada.page.clock.install({ time: new Date("2026-12-01T12:50:00+09:00") });
  await ada.comeInto("lobby");
  for (const text of ["하나", "둘"]) await ada.say(text);
  await ada.seesAll(["하나", "둘"]);
  for (const density of ["comfortable", "compact"]) {
    await ada.page.evaluate((chosen) => {
      document.documentElement.dataset["density"] = chosen;
      // The server's clock says what it says.
      for (const time of document.querySelectorAll(".gutter time")) time.textContent = "오후 12:50";
    }, density);
    const { time, body } = await ada.page.evaluate(() => {
      const time = document.querySelector(".gutter time")?.getBoundingClientRect().right ?? NaN;
      const bodies = [...document.querySelectorAll("[data-testid=body]")];
      return { time, body: bodies.at(-1)?.getBoundingClientRect().left ?? NaN };
    });
    assert.ok(time <= body - 4, `${density}: ${time} reaches into ${body}`);
  }
});

scenario("a drag that ends without a word leaves nothing over the room", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await until("files can be dropped", () => ada.by("attach").isVisible());
  await ada.by("log").evaluate((log) => {
    const data = new DataTransfer();
    data.items.add(new File(["x"], "x.txt", { type: "text/plain" }));
    log.dispatchEvent(
      new DragEvent("dragover", { bubbles: true, cancelable: true, dataTransfer: data }),
    );
  });
  await until("it says where to", () => ada.by("drop-zone").isVisible());
  await until("it is gone", () => ada.by("drop-zone").isHidden());
});

scenario("a file that can't come holds up no message, and is not covered", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await ada.isInstalled();
  await ada.page.route(/files\?name=bad/, (route) =>
    route.fulfill({
      status: 413,
      contentType: "application/json",
      headers: {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "Retry-After",
      },
      body: JSON.stringify({ code: "too_large", message: "too large" }),
    }),
  );
  const file = (name: string) => ({ name, mimeType: "text/plain", buffer: Buffer.from(name) });
  await ada.by("attach-input").setInputFiles(["bad.txt", "good.txt"].map(file));
  const states = () =>
    ada
      .by("attachment")
      .evaluateAll((chips) => chips.map((chip) => chip.getAttribute("data-state")));
  await sees(states, ["failed", "done"]);
  await ada.say("with what is there");
  await until("it is said", () => ada.by("toast-action").isVisible());
  const boxes = await Promise.all([
    ada.by("toasts").locator(".toast").first().boundingBox(),
    ada.by("attachment").first().boundingBox(),
  ]);
  const [toast, chip] = boxes;
  assert.ok(toast && chip && toast.y + toast.height <= chip.y, JSON.stringify(boxes));
  await ada.by("toast-action").click();
  await sees(() => ada.bodies(), ["with what is there"]);
  await sees(() => ada.by("file").count(), 1);
  await sees(() => ada.by("toast-action").count(), 0);
  world.forgiveNetworkErrors();
});

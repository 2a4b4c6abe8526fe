// The page of frontend/examples/socketio in Chromium, as its README has it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { FRONTEND, launch, tool } from "./support/chromium.js";
import { Native } from "./support/native.js";
import { Server } from "./support/server.js";
import { until } from "./support/until.js";

let folder, site, browser, server, address;
before(async () => {
  const { build, preview } = await tool("vite");
  folder = mkdtempSync(join(tmpdir(), "maru-example-"));
  const page = {
    root: fileURLToPath(new URL("examples/socketio", FRONTEND)),
    configFile: false,
    logLevel: "warn",
    // Its own node_modules are for who tries it by hand.
    resolve: {
      alias: { "socket.io-client": fileURLToPath(import.meta.resolve("socket.io-client")) },
    },
    build: { outDir: folder, emptyOutDir: true },
  };
  await build(page);
  site = await preview({ ...page, preview: { host: "127.0.0.1", port: 0 } });
  const { port } = site.httpServer.address();
  const origin = `http://127.0.0.1:${port}`;
  server = await Server.start({ MARU_HTTP__ALLOWED_ORIGINS: origin });
  address = `${origin}/?server=${encodeURIComponent(server.http)}`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.close();
  await server?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function open() {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(address);
  await page.getByText("Connected", { exact: true }).waitFor();
  return {
    errors,
    async say(text) {
      await page.getByLabel("Message").fill(text);
      await page.getByRole("button", { name: "Send" }).click();
    },
    async sees(expected) {
      const list = () => page.getByRole("listitem").allTextContents();
      await until(`the page shows ${expected.at(-1)}`, async () =>
        (await list()).includes(expected.at(-1)),
      );
      assert.deepEqual(await list(), expected);
    },
  };
}

test("two pages talk, also over a crash of the server", async () => {
  const [one, two] = [await open(), await open()];
  await one.say("hello");
  await two.sees(["hello"]);
  await two.say("<b>hi</b>");
  for (const page of [one, two]) await page.sees(["hello", "<b>hi</b>"]);

  await server.kill();
  await server.restart();
  const native = await Native.connect(server, "Nora");
  await native.enter("lobby");
  await native.say("lobby", ["said meanwhile"]);
  for (const page of [one, two]) await page.sees(["hello", "<b>hi</b>", "said meanwhile"]);
  await one.say("still here");
  for (const page of [one, two]) {
    await page.sees(["hello", "<b>hi</b>", "said meanwhile", "still here"]);
    assert.deepEqual(page.errors, []);
  }
  native.close();
});

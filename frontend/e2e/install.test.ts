// The page as an installed program: it opens without a network, and is never an old one for long.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Person } from "./support/person.js";
import { scenario } from "./support/scenario.js";
import { DIST } from "./support/server.js";
import { sees, until } from "./support/until.js";

/** The worker is in place and has everything. */
const installed = (person: Person) =>
  until("the worker is there", () =>
    person.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      return registration?.active?.state === "activated" && registration.installing === null;
    }),
  );
const kept = (person: Person) =>
  person.page.evaluate(async () => {
    const names = await caches.keys();
    const files = await Promise.all(
      names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)),
    );
    return files.flat().map((url) => new URL(url).pathname);
  });

scenario("the manifest is one that a browser can install", async (world) => {
  const site = await world.startApart();
  const ada = await world.person("Ada", { at: site.address });
  await ada.comeInto("lobby");
  await installed(ada);
  const cdp = await ada.context.newCDPSession(ada.page);
  const { errors, url } = await cdp.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  assert.equal(url, `${site.address}/manifest.json`);
  const { installabilityErrors } = await cdp.send("Page.getInstallabilityErrors");
  const but = installabilityErrors
    .map(({ errorId }) => errorId)
    .filter((id) => id !== "in-incognito");
  assert.deepEqual(but, []);
  // The server's own page lets no browser keep an old worker.
  const worker = await fetch(`${world.server.frontend}/sw.js`);
  assert.equal(worker.headers.get("cache-control"), "no-cache");
  assert.match(worker.headers.get("content-type") ?? "", /javascript/);
});

scenario(
  "without a network the page opens, says so, and sends when there is one",
  async (world) => {
    const site = await world.startApart();
    const port = Number(new URL(site.address).port);
    const ada = await world.person("Ada", { at: site.address });
    await ada.comeInto("lobby");
    await installed(ada);
    // All of the page, and nothing else.
    const files = await kept(ada);
    for (const file of ["/", "/config.json", "/theme.js", "/manifest.json", "/icons/192.png"]) {
      assert.ok(files.includes(file), `${file} of ${files.join()}`);
    }
    assert.ok(
      files.some((file) => /^\/assets\/dialogs-.*\.js$/.test(file)),
      files.join(),
    );
    assert.deepEqual(
      files.filter((file) => /api|\/ws|sw\.js/.test(file)),
      [],
    );

    // Both are gone, the host of the page and the server.
    site.stop();
    await world.server.kill();
    await ada.context.setOffline(true);
    await ada.page.reload();
    await sees(() => ada.by("room-title").textContent(), "lobby");
    await sees(() => ada.banner.getAttribute("data-state"), "offline");
    assert.match((await ada.banner.textContent()) ?? "", /^You are offline\./);
    // Nobody knows who is there: no number is said.
    await sees(() => ada.by("people").locator("h2").textContent(), "People ");
    await ada.say("written offline");
    // Parts that were never opened are there as well.
    await ada.hasKeys();
    await ada.press("Control+k");
    await sees(() => ada.focused(), "switcher-input");
    await ada.press("Escape");

    await world.site(port);
    await world.server.restart();
    await ada.context.setOffline(false);
    await ada.seesAll(["written offline"]);
    await until("the banner goes", () => ada.banner.isHidden());
    world.forgiveNetworkErrors();
  },
);

scenario(
  "a new version is there with the next load, and offered to a page that is open",
  async (world) => {
    const site = await world.startApart();
    const ada = await world.person("Ada", { at: site.address });
    await ada.comeInto("lobby");
    await installed(ada);
    const index = await readFile(join(DIST, "index.html"), "utf8");
    const worker = await readFile(join(DIST, "sw.js"), "utf8");
    const deploy = (version: string) => {
      site.changed.set(
        "/index.html",
        index.replace("<html lang", `<html data-version="${version}" lang`),
      );
      // What the build writes there is a digest of all files.
      site.changed.set("/sw.js", worker.replace(/([`"'])[0-9a-f]{16}\1/, JSON.stringify(version)));
    };
    const version = () => ada.page.evaluate(() => document.documentElement.dataset["version"]);
    deploy("2".repeat(16));
    await ada.page.reload();
    await ada.isIn("lobby");
    // At once, from the network: the old worker stands in nobody's way.
    assert.equal(await version(), "2".repeat(16));

    deploy("3".repeat(16));
    await ada.page.evaluate(async () => {
      await (await navigator.serviceWorker.getRegistration())?.update();
    });
    await until("it is offered", () => ada.by("toast-action").isVisible());
    await ada.by("toast-action").click();
    await ada.isIn("lobby");
    await sees(version, "3".repeat(16));
    // Offline it is this one, too, and of the older ones no more than the last is kept.
    await until("the oldest is gone", () =>
      ada.page.evaluate(async () => {
        const names = (await caches.keys()).filter((name) => !name.startsWith("maru-memory"));
        return names.length === 2;
      }),
    );
    site.stop();
    await ada.page.reload();
    await sees(version, "3".repeat(16));
    await ada.isIn("lobby");
    world.forgiveNetworkErrors();
  },
);

scenario(
  "a host that serves no worker, or a broken one, serves the page all the same",
  async (world) => {
    const site = await world.startApart();
    site.changed.set("/sw.js", "<!doctype html>not a script");
    const ada = await world.person("Ada", { at: site.address });
    await ada.comeInto("lobby");
    await ada.hasKeys();
    await ada.say("hello");
    await ada.seesAll(["hello"]);
    assert.deepEqual(await kept(ada), []);
    world.forgiveNetworkErrors();
  },
);

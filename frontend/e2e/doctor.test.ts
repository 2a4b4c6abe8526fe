// Why there is no connection: the page finds out, and says what to change.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Person } from "./support/person.js";
import { scenario } from "./support/scenario.js";
import { DIST } from "./support/server.js";
import { sees, until } from "./support/until.js";

const found = (person: Person) =>
  person
    .by("findings")
    .first()
    .getAttribute("data-cause", { timeout: 1_000 })
    .catch(() => null);

/** What the banner says, opened. */
async function advice(person: Person): Promise<string> {
  const findings = person.banner.getByTestId("findings");
  await findings.locator("summary").click();
  return findings.innerText();
}

scenario("an origin that isn't allowed is named, with the setting to change", async (world) => {
  const site = await world.site();
  const server = await world.start({ MARU_HTTP__ALLOWED_ORIGINS: "https://elsewhere.example" });
  site.config = JSON.stringify({ server: server.webSocket });
  const ada = await world.person("Ada", { at: site.address });
  await ada.visit("lobby");
  await ada.nameThemselves();
  await sees(() => found(ada), "origin");
  // Who comes first has the name dialog in front of the banner: it says so, too.
  const dialog = ada.by("name-dialog").getByTestId("findings");
  await until("the dialog says so", () => dialog.isVisible());
  assert.match(await dialog.innerText(), new RegExp(`pages from ${site.address}`));
  await dialog.locator("summary").click();
  const told = await dialog.innerText();
  assert.match(told, /MARU_HTTP__ALLOWED_ORIGINS/);
  assert.match(told, /Maru answers \(maru\.v1\)/);
  world.forgiveNetworkErrors();
});

scenario("a proxy that drops the upgrade is found out", async (world) => {
  const site = await world.startApart();
  const right = site.config;
  const proxy = await world.proxy();
  const ada = await world.person("Ada", { at: site.address });
  await ada.comeInto("lobby");
  site.config = JSON.stringify({ server: proxy.webSocket });
  await ada.page.reload();
  await sees(() => found(ada), "upgrade");
  const told = await advice(ada);
  assert.match(told, /pass the headers Upgrade and Connection on to \/ws/);
  assert.match(told, /is refused/);
  // A gateway alone, as HAProxy says it.
  proxy.away = true;
  await ada.page.reload();
  await sees(() => found(ada), "gateway");
  assert.match(await advice(ada), /no chat server behind it \(status 503\)/);
  // Mended, the page comes in and has nothing more to say.
  site.config = right;
  await ada.page.reload();
  await ada.isIn("lobby");
  await until("the banner goes", () => ada.banner.isHidden());
  assert.equal(await ada.by("findings").count(), 0);
  world.forgiveNetworkErrors();
});

scenario("an address where nothing or something else answers is told apart", async (world) => {
  const site = await world.startApart();
  const right = site.config;
  const other = await world.site();
  const ada = await world.person("Ada", { at: site.address, locale: "ko-KR" });
  await ada.comeInto("lobby");
  const causeAt = async (server: string, cause: string) => {
    site.config = JSON.stringify({ server });
    await ada.page.reload();
    await sees(() => found(ada), cause);
  };
  // Port 9 (discard): nobody listens.
  await causeAt("ws://127.0.0.1:9/ws", "silent");
  assert.match(await advice(ada), /127\.0\.0\.1:9/);
  // The page's own host, which this page may read, and another that it may not.
  await causeAt(`${site.address.replace("http", "ws")}/ws`, "foreign");
  await causeAt(`${other.address.replace("http", "ws")}/ws`, "masked");
  // The right server, without /ws.
  await causeAt(world.server.webSocket.replace("/ws", "/socket"), "path");
  assert.match(await advice(ada), /\/ws로 끝나야 해요/);
  site.config = right;
  await ada.page.reload();
  await ada.isIn("lobby");
  world.forgiveNetworkErrors();
});

scenario("a server without room says so, and one that came back lets in", async (world) => {
  const site = await world.site();
  const server = await world.start({
    MARU_HTTP__ALLOWED_ORIGINS: site.address,
    MARU_HTTP__MAX_CONNECTIONS: "1",
  });
  site.config = JSON.stringify({ server: server.webSocket });
  const grace = await world.guest("Grace");
  const ada = await world.person("Ada", { at: site.address });
  await ada.visit("lobby");
  await ada.nameThemselves();
  await sees(() => found(ada), "full");
  grace.close();
  await ada.isIn("lobby");
  assert.equal(await ada.by("findings").count(), 0);

  await server.kill();
  await sees(() => found(ada), "silent");
  await server.restart();
  await ada.isIn("lobby");
  await until("nothing more is said", async () => (await ada.by("findings").count()) === 0);
  world.forgiveNetworkErrors();
});

scenario("offline is offline, and asks nobody who isn't there for long", async (world) => {
  const site = await world.startApart();
  const ada = await world.person("Ada", { at: site.address });
  await ada.comeInto("lobby");
  // What explains that there is no network is fetched while there is one.
  await until("the doctor is at hand", () =>
    ada.page.evaluate(() => {
      const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
      return ["probe", "findings"].every((part) => loaded.some((name) => name.includes(part)));
    }),
  );
  await ada.context.setOffline(true);
  await world.server.kill();
  await sees(() => ada.banner.getAttribute("data-state"), "offline");
  await sees(() => found(ada), "offline");
  await ada.context.setOffline(false);
  await world.server.restart();
  await ada.isIn("lobby");
  await until("the banner goes", () => ada.banner.isHidden());
  world.forgiveNetworkErrors();
});

scenario("offline is noticed though the browser holds back what comes", async (world) => {
  const site = await world.startApart();
  const ada = await world.person("Ada", { at: site.address });
  await ada.comeInto("lobby");
  const ben = await world.guest("Ben");
  await ben.enter("lobby");
  await sees(() => ada.people(), ["Ada", "Ben"]);
  await ada.context.setOffline(true);
  // Before the end of the connection, which waits behind it.
  await ben.say("lobby", ["Are you there?"]);
  await world.server.kill();
  await sees(() => ada.banner.getAttribute("data-state"), "offline");
  await ada.context.setOffline(false);
  await world.server.restart();
  await sees(() => ada.bodies(), ["Are you there?"]);
  await until("the banner goes", () => ada.banner.isHidden());
  world.forgiveNetworkErrors();
});

scenario("a page whose policy or encryption forbids the server says which", async (world) => {
  const site = await world.startApart();
  site.headers["content-security-policy"] = "connect-src 'self' ws://other.example";
  const ada = await world.person("Ada", { at: site.address });
  await ada.visit("lobby");
  await ada.nameThemselves();
  await sees(() => found(ada), "policy");
  await until("the browser told, too", () =>
    ada.errors.some((e) => e.includes("CSP: connect-src")),
  );
  await ada.page.close();
  ada.errors.length = 0;

  // A page over https that is told to talk in clear. The network is the test's, up to the page.
  const minji = await world.person("민지", { at: "https://chat.test", serviceWorkers: "block" });
  const types: Readonly<Record<string, string>> = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
  };
  await minji.context.route("https://chat.test/**", async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === "/config.json") {
      await route.fulfill({ json: { server: "ws://socket.test/ws" } });
      return;
    }
    const path = pathname === "/" ? "/index.html" : pathname;
    const body = await readFile(join(DIST, path)).catch(() => "");
    await route.fulfill({ body, contentType: types[extname(path)] ?? "text/plain" });
  });
  await minji.visit("lobby");
  await minji.nameThemselves();
  await sees(() => found(minji), "mixed");
  assert.match(await minji.by("findings").first().innerText(), /came over https/);
  minji.errors.length = 0;
  world.forgiveNetworkErrors();
});

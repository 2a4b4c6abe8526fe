import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { sees, until } from "./support/until.js";

scenario("a config.json that is missing or wrong is told in a sentence", async (world) => {
  const site = await world.startApart();
  const right = site.config;
  const ada = await world.person("Ada", { at: site.address });
  for (const [config, sentence] of [
    [null, /^The file config\.json beside this page could not be loaded \(HTTP 404\)\./],
    [
      "{ server: 1 }",
      /^The file config\.json beside this page is not valid: not JSON\. It should look like/,
    ],
    ["[]", /is not valid: not an object\./],
    ['{ "server": 8080 }', /is not valid: “server” is not a text\./],
    ['{ "server": "ftp://example.org" }', /“server” must begin with ws: or wss:, not ftp:\./],
  ] as const) {
    site.config = config;
    await ada.visit();
    await ada.page.reload();
    await until("it says so", async () =>
      sentence.test((await ada.by("fatal").getByRole("alert").textContent()) ?? ""),
    );
  }
  const minji = await world.person("민지", { at: site.address, locale: "ko-KR" });
  await minji.visit();
  await until("it says so", () => minji.by("fatal").isVisible());
  assert.match((await minji.by("fatal").getByRole("alert").textContent()) ?? "", /config\.json/);

  // Once it is mended, trying again is enough.
  site.config = right;
  await ada.by("fatal").getByRole("button").click();
  await ada.comeInto("lobby");
  world.forgiveNetworkErrors();
});

scenario("a server that can't be reached is told, also to who comes first", async (world) => {
  const site = await world.startApart();
  const { server } = world;
  const ada = await world.person("Ada", { at: site.address });
  await server.kill();
  await ada.patientReconnects();
  await ada.visit("lobby");
  await ada.nameThemselves();
  await until("the dialog says so", async () =>
    ((await ada.by("name-problem").textContent()) ?? "").startsWith("The server can't be reached"),
  );
  await until("the banner shows", () => ada.banner.isVisible());
  await server.restart();
  await ada.isIn("lobby");
  await sees(() => ada.people(), ["Ada"]);
  world.forgiveNetworkErrors();
});

scenario("a page that may not connect says so instead of trying in silence", async (world) => {
  const site = await world.startApart();
  // An address that leads to a server which isn't Maru.
  site.config = JSON.stringify({ server: `${site.address}/ws` });
  const ada = await world.person("Ada", { at: site.address });
  await ada.visit("lobby");
  await ada.nameThemselves();
  await until("the banner shows", () => ada.banner.isVisible());
  await until("it counts down or connects", async () =>
    /Next try in \d+ second|Connecting/.test((await ada.banner.textContent()) ?? ""),
  );
  world.forgiveNetworkErrors();
});

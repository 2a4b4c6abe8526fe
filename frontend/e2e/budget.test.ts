// What everybody downloads before a room can be read and written in, as a server sends it: the scripts
// that index.html names and the texts of one language, together. That this is all that is needed is
// shown in a browser to which every other script is never given.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { scenario } from "./support/scenario.js";
import { DIST } from "./support/server.js";
import { sees } from "./support/until.js";

const KB = 1_000;
const BUDGET = { js: 45 * KB, css: 12 * KB };

/** The files that index.html names, with the texts of each language. */
function initial(): { js: string[]; texts: string[]; css: string[] } {
  const html = readFileSync(join(DIST, "index.html"), "utf8");
  const all = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map((found) => found[1] ?? "");
  const texts = readdirSync(join(DIST, "assets"))
    .filter((file) => /^strings\.(?:en|ko)-[^.]+\.js$/.test(file))
    .map((file) => `assets/${file}`);
  assert.equal(texts.length, 2, "each language is a file");
  return {
    js: all.filter((file) => file.endsWith(".js")),
    texts,
    css: all.filter((file) => file.endsWith(".css")),
  };
}

const size = (files: readonly string[]) =>
  files.reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file))).length, 0);

function fits(kind: keyof typeof BUDGET, files: readonly string[]): string {
  assert.ok(files.length > 0, "index.html names some");
  const bytes = size(files);
  const told = `${bytes} bytes: ${files.map((file) => `${file} ${size([file])}`).join(", ")}`;
  assert.ok(bytes <= BUDGET[kind], told);
  return told;
}

void test("the page's first code and the longest texts are at most 45 kB, compressed", (t) => {
  const { js, texts } = initial();
  const [longest = ""] = texts.sort((a, b) => size([b]) - size([a]));
  t.diagnostic(fits("js", [...js, longest]));
});

void test("the page's first styles are at most 12 kB, compressed", (t) => {
  t.diagnostic(fits("css", initial().css));
});

scenario("a room is read and written in with nothing else", async (world) => {
  await world.start();
  const ben = await world.guest("Ben");
  await ben.enter("lobby");
  const ada = await world.person("Ada", { locale: "ko-KR" });
  await ada.comeInto("lobby");
  await ben.say("lobby", ["어서 와요"]);
  await sees(() => ada.bodies(), ["어서 와요"]);

  // It would bring what the browser kept.
  await ada.page.evaluate(async () => (await navigator.serviceWorker.ready).unregister());

  const { js, texts } = initial();
  const given = new Set([...js, ...texts].map((file) => basename(file)));
  const held = new Set<string>();
  const again = await world.tab("Ada again", ada.context);
  await again.page.route(/\.js(?:\?|$)/, async (route) => {
    const file = basename(new URL(route.request().url()).pathname);
    // One that is not given is never answered: neither does it come, nor does it fail.
    if (given.has(file)) await route.continue();
    else held.add(file);
  });
  await again.visit("lobby");
  await sees(() => again.bodies(), ["어서 와요"]);
  await again.say("반가워요");
  await again.seesAll(["어서 와요", "반가워요"]);
  await sees(() => ada.bodies(), ["어서 와요", "반가워요"]);
  assert.ok(held.size > 0, "the rest was asked for, and did not come");
});

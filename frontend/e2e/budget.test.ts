// What everybody downloads before the page shows anything, as a server sends it.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { DIST } from "./support/server.js";

const KB = 1_000;
const BUDGET = { js: 45 * KB, texts: 4.5 * KB, css: 12 * KB };

/** The files that index.html names, and the texts of the language that needs most. */
function initial(): Record<keyof typeof BUDGET, string[]> {
  const html = readFileSync(join(DIST, "index.html"), "utf8");
  const all = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map((found) => found[1] ?? "");
  const texts = readdirSync(join(DIST, "assets")).filter((file) =>
    /^(?:en|ko)-[^.]+\.js$/.test(file),
  );
  assert.equal(texts.length, 2, "each language is a file");
  const [longest = ""] = texts
    .map((file) => `assets/${file}`)
    .sort((a, b) => size([b]) - size([a]));
  return {
    js: all.filter((file) => file.endsWith(".js")),
    texts: [longest],
    css: all.filter((file) => file.endsWith(".css")),
  };
}

const size = (files: readonly string[]) =>
  files.reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file))).length, 0);

for (const kind of ["js", "texts", "css"] as const) {
  void test(`the page's first ${kind} is at most ${BUDGET[kind] / KB} kB, compressed`, (t) => {
    const files = initial()[kind];
    assert.ok(files.length > 0, "index.html names some");
    const bytes = size(files);
    t.diagnostic(`${bytes} bytes: ${files.join(", ")}`);
    assert.ok(bytes <= BUDGET[kind], `${bytes} bytes: ${files.join(", ")}`);
  });
}

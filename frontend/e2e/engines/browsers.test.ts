// The story, told to each browser that is named (`scripts/test-browsers`):
// FIREFOX, WEBKIT (its driver) with MINIBROWSER, CHROMIUM. ALBUM is a folder for pictures.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { chromium, firefox } from "./puppet.js";
import { Stage } from "./stage.js";
import { STORY } from "./story.js";
import type { Engine } from "./tab.js";
import { Visitor } from "./visitor.js";
import { webkit } from "./webkit.js";

const TIMEOUT_MS = 300_000;
const { FIREFOX, WEBKIT, MINIBROWSER, CHROMIUM, ALBUM } = process.env;

const browsers: Record<string, (() => Promise<Engine>) | undefined> = {
  Firefox: FIREFOX === undefined ? undefined : () => firefox(FIREFOX),
  WebKit:
    WEBKIT === undefined || MINIBROWSER === undefined
      ? undefined
      : () => webkit(WEBKIT, MINIBROWSER),
  Chromium: CHROMIUM === undefined ? undefined : () => chromium(CHROMIUM),
};

for (const [name, launch] of Object.entries(browsers)) {
  if (launch === undefined) continue;
  void test(name, { timeout: TIMEOUT_MS }, async (t) => {
    const stage = await Stage.build();
    const engine = await launch();
    t.diagnostic(`${engine.name} ${engine.version}`);
    const album = ALBUM === undefined ? undefined : join(ALBUM, name);
    const me = new Visitor(await engine.tab(), stage, album);
    try {
      await me.tab.resize(1280, 800);
      for (const [name, act] of STORY) {
        const step = { done: false };
        await t.test(name, async () => {
          await act({ stage, engine, me });
          step.done = true;
        });
        // The next one would only stumble over the same.
        if (!step.done) return;
      }
      assert.deepEqual(await me.errors(), []);
    } finally {
      await engine.end();
      await stage.end();
    }
  });
}

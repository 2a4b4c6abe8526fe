// Chromium, by the frontend's playwright-core.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** The frontend's folder. */
export const FRONTEND = new URL("../../../../../frontend/", import.meta.url);

const { resolve } = createRequire(new URL("package.json", FRONTEND));

/** A package of the frontend's. */
export const tool = (name) => import(pathToFileURL(resolve(name)).href);

export async function launch() {
  const module = await tool("playwright-core");
  const { chromium } = module.default ?? module;
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

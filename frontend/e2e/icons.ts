// Draws the icons that need pixels from the page's own mark: `npm run icons`, after it changed.

import { readFileSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { closeBrowser, launch } from "./support/world.js";

const PUBLIC = resolve("public");
/** What a launcher may cut off of a maskable icon: all but the middle four fifths. */
const SAFE = 0.8;
const WOOD = "#7a4f2a";

const mark = readFileSync(join(PUBLIC, "favicon.svg"), "utf8");
mkdirSync(join(PUBLIC, "icons"), { recursive: true });
const page = await (await launch()).newPage();

async function draw(name: string, size: number, scale: number, ground: string): Promise<void> {
  await page.setViewportSize({ width: size, height: size });
  const source = `data:image/svg+xml;base64,${Buffer.from(mark).toString("base64")}`;
  const drawn = Math.round(size * scale);
  await page.setContent(
    `<body style="margin:0;display:grid;place-items:center;height:100vh;background:${ground}">` +
      `<img src="${source}" width="${drawn}" height="${drawn}">`,
  );
  await page.locator("img").evaluate((image: HTMLImageElement) => image.decode());
  const path = join(PUBLIC, "icons", `${name}.png`);
  await page.screenshot({ path, omitBackground: true });
}

await draw("192", 192, 1, "transparent");
await draw("512", 512, 1, "transparent");
// Apple's launcher rounds the corners itself and fills what is transparent with black.
await draw("180", 180, 1, WOOD);
await draw("maskable-512", 512, SAFE, WOOD);
await closeBrowser();

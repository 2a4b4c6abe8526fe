// Pages with the stock socket.io-client in Chromium, each a driver (driver.js).

import { launch } from "./chromium.js";
import { ORIGIN } from "./site.js";

let browser;

async function open(take) {
  browser ??= launch();
  const page = await (await browser).newPage();
  page.on("pageerror", (error) => {
    throw error;
  });
  await page.exposeFunction("tell", take);
  await page.goto(ORIGIN);
  await page.waitForFunction(() => window.take !== undefined);
  return page;
}

/** A page of its own, which takes commands in the order in which they are told. */
export function page(take) {
  const opened = open(take);
  let last = opened;
  let over = false;
  return {
    tell(command) {
      last = last.then(async () => {
        const page = await opened;
        if (!over) await page.evaluate((command) => window.take(command), command);
      });
      // One that was closed meanwhile is told nothing.
      last.catch((error) => {
        if (!over) throw error;
      });
    },
    end() {
      over = true;
      opened.then((page) => page.close()).catch(() => {});
    },
  };
}

/** Ends the browser, if there is one. */
export async function close() {
  if (browser !== undefined) await (await browser).close();
  browser = undefined;
}

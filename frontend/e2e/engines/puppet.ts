// Firefox, by WebDriver BiDi, which it speaks without a program between. Chromium by the same
// client, so that the story itself is seen to be right where all other tests run.

import puppeteer from "puppeteer-core";
import type { Browser, ElementHandle, KeyInput, LaunchOptions, Page } from "puppeteer-core";
import type { Engine, InPage, Tab } from "./tab.js";

class PuppetTab implements Tab {
  constructor(private readonly page: Page) {}

  async open(address: string): Promise<void> {
    await this.page.goto(address);
  }

  async reload(): Promise<void> {
    await this.page.reload();
  }

  async run<A extends readonly unknown[], T>(what: InPage<A, T>, ...given: A): Promise<T> {
    return await this.page.evaluate(what as never, ...given);
  }

  async click(selector: string): Promise<void> {
    await (await this.shown(selector)).click();
  }

  async hover(selector: string): Promise<void> {
    await (await this.shown(selector)).hover();
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  async press(keys: string): Promise<void> {
    const all = keys.split("+") as KeyInput[];
    const last = all.pop();
    if (last === undefined) return;
    for (const key of all) await this.page.keyboard.down(key);
    await this.page.keyboard.press(last);
    for (const key of all.reverse()) await this.page.keyboard.up(key);
  }

  async wheel(selector: string, by: number): Promise<void> {
    await this.hover(selector);
    await this.page.mouse.wheel({ deltaY: by });
  }

  async attach(selector: string, path: string): Promise<void> {
    const input = await this.page.$(selector);
    if (input === null) throw new Error(`there is no ${selector}`);
    await (input as ElementHandle<HTMLInputElement>).uploadFile(path);
  }

  async resize(width: number, height: number): Promise<void> {
    await this.page.setViewport({ width, height });
  }

  async picture(): Promise<Buffer> {
    return Buffer.from(await this.page.screenshot());
  }

  front(): Promise<void> {
    return this.page.bringToFront();
  }

  close(): Promise<void> {
    return this.page.close();
  }

  private async shown(selector: string): Promise<ElementHandle> {
    const found = await this.page.waitForSelector(selector, { visible: true });
    if (found === null) throw new Error(`there is no ${selector}`);
    return found;
  }
}

class Puppet implements Engine {
  constructor(
    readonly name: string,
    readonly version: string,
    private readonly browser: Browser,
  ) {}

  async tab(): Promise<Tab> {
    return new PuppetTab(await this.browser.newPage());
  }

  end(): Promise<void> {
    return this.browser.close();
  }
}

async function launch(name: string, options: LaunchOptions): Promise<Engine> {
  const browser = await puppeteer.launch({ ...options, headless: true });
  return new Puppet(name, await browser.version(), browser);
}

export const firefox = (executablePath: string) =>
  launch("Firefox", {
    browser: "firefox",
    executablePath,
    extraPrefsFirefox: {
      "intl.accept_languages": "en-US",
      // Without a screen there is no mouse to be found: one that is fine, and hovers.
      "ui.primaryPointerCapabilities": 6,
      "ui.allPointerCapabilities": 6,
    },
  });

export const chromium = (executablePath: string) =>
  launch("Chromium", {
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--lang=en-US",
      "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
    ],
  });

// WebKit, the engine of Safari, as GTK has it: its small browser on a screen that nobody sees, by
// the driver that comes with it.

import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { Builder, By, Key, until, WebDriver } from "selenium-webdriver";
import type { WebElement } from "selenium-webdriver";
import { until as holds } from "../support/until.js";
import type { Engine, InPage, Tab } from "./tab.js";

const PATIENCE_MS = 30_000;

class WebKitTab implements Tab {
  constructor(
    private readonly driver: WebDriver,
    private readonly handle: string,
    private readonly display: string,
  ) {}

  async open(address: string): Promise<void> {
    await this.here();
    await this.driver.get(address);
  }

  async reload(): Promise<void> {
    await this.here();
    await this.driver.navigate().refresh();
  }

  async run<A extends readonly unknown[], T>(what: InPage<A, T>, ...given: A): Promise<T> {
    await this.here();
    const told = await this.driver.executeAsyncScript<{ value?: T; error?: string }>(
      `const tell = arguments[arguments.length - 1];
       const given = Array.prototype.slice.call(arguments, 0, -1);
       Promise.resolve().then(() => (${what.toString()})(...given)).then(
         (value) => tell({ value }), (error) => tell({ error: String(error) }));`,
      ...given,
    );
    if (told.error !== undefined) throw new Error(told.error);
    return told.value as T;
  }

  async click(selector: string): Promise<void> {
    await (await this.shown(selector)).click();
  }

  async hover(selector: string): Promise<void> {
    const origin = await this.shown(selector);
    await this.driver.actions().move({ origin }).perform();
  }

  async type(text: string): Promise<void> {
    await this.here();
    await this.driver.switchTo().activeElement().sendKeys(text);
  }

  async press(keys: string): Promise<void> {
    await this.here();
    const all = keys.split("+").map(keyOf);
    const last = all.pop() ?? "";
    const actions = this.driver.actions();
    for (const key of all) actions.keyDown(key);
    actions.keyDown(last).keyUp(last);
    for (const key of all.reverse()) actions.keyUp(key);
    await actions.perform();
  }

  async wheel(selector: string, by: number): Promise<void> {
    const { x, y, width, height } = await (await this.shown(selector)).getRect();
    // Its driver turns no wheel: the screen's own does, whose one notch is some 86 px.
    const bar = await this.run(() => outerHeight - innerHeight);
    await this.screen("mousemove", Math.round(x + width / 2), Math.round(bar + y + height / 2));
    const notches = Math.max(1, Math.round(Math.abs(by) / 86));
    await this.screen("click", "--repeat", notches, "--delay", 8, by < 0 ? 4 : 5);
  }

  async attach(selector: string, path: string): Promise<void> {
    await this.here();
    await this.driver.findElement(By.css(selector)).sendKeys(path);
  }

  async resize(width: number, height: number): Promise<void> {
    await this.here();
    const window = this.driver.manage().window();
    await window.setRect({ width, height, x: 0, y: 0 });
    // The browser's own bars count in: once more by what is missing.
    const inner = await this.run(() => ({ width: innerWidth, height: innerHeight }));
    await window.setRect({
      width: 2 * width - inner.width,
      height: 2 * height - inner.height,
      x: 0,
      y: 0,
    });
  }

  async picture(): Promise<Buffer> {
    await this.here();
    return Buffer.from(await this.driver.takeScreenshot(), "base64");
  }

  front(): Promise<void> {
    return this.here();
  }

  async close(): Promise<void> {
    await this.here();
    await this.driver.close();
  }

  private async screen(...what: (string | number)[]): Promise<void> {
    const env = { ...process.env, DISPLAY: this.display };
    await promisify(execFile)("xdotool", what.map(String), { env });
  }

  private async here(): Promise<void> {
    await this.driver.switchTo().window(this.handle);
  }

  private async shown(selector: string): Promise<WebElement> {
    await this.here();
    const found = await this.driver.wait(until.elementLocated(By.css(selector)), PATIENCE_MS);
    return this.driver.wait(until.elementIsVisible(found), PATIENCE_MS);
  }
}

const KEYS: Readonly<Record<string, string>> = {
  Control: Key.CONTROL,
  Shift: Key.SHIFT,
  Enter: Key.ENTER,
  Escape: Key.ESCAPE,
  ArrowUp: Key.ARROW_UP,
  ArrowDown: Key.ARROW_DOWN,
};
const keyOf = (name: string) => KEYS[name] ?? name;

class WebKit implements Engine {
  readonly name = "WebKit";
  private first: string | undefined;

  constructor(
    readonly version: string,
    private readonly driver: WebDriver,
    private readonly display: string,
    private readonly processes: readonly ChildProcess[],
    first: string,
  ) {
    this.first = first;
  }

  async tab(): Promise<Tab> {
    if (this.first === undefined) await this.driver.switchTo().newWindow("tab");
    const handle = this.first ?? (await this.driver.getWindowHandle());
    this.first = undefined;
    return new WebKitTab(this.driver, handle, this.display);
  }

  async end(): Promise<void> {
    await this.driver.quit().catch(() => undefined);
    for (const child of this.processes) child.kill("SIGTERM");
  }
}

export async function webkit(driverPath: string, browserPath: string): Promise<Engine> {
  const port = await freePort();
  const screen = await display();
  const child = spawn(driverPath, [`--port=${port}`], {
    env: {
      ...process.env,
      DISPLAY: screen.display,
      GDK_BACKEND: "x11",
      // In a container there are no namespaces to be had, and nothing to draw with but the processor.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
      LIBGL_ALWAYS_SOFTWARE: "1",
      LANGUAGE: "en",
      LC_ALL: "C.UTF-8",
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const address = `http://127.0.0.1:${port}`;
  await holds("WebKit's driver is ready", () =>
    fetch(`${address}/status`).then(
      (answer) => answer.ok,
      () => false,
    ),
  );
  const driver = await new Builder()
    .usingServer(address)
    .withCapabilities({
      browserName: "MiniBrowser",
      "webkitgtk:browserOptions": { binary: browserPath, args: ["--automation"] },
    })
    .build();
  await driver.manage().setTimeouts({ script: PATIENCE_MS, pageLoad: PATIENCE_MS });
  const capabilities = await driver.getCapabilities();
  const version = String(capabilities.get("browserVersion"));
  const first = await driver.getWindowHandle();
  return new WebKit(version, driver, screen.display, [child, screen.child], first);
}

/** A screen of memory; it chooses its own number. */
async function display(): Promise<{ display: string; child: ChildProcess }> {
  const child = spawn(
    "Xvfb",
    ["-displayfd", "3", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"],
    {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    },
  );
  const pipe = child.stdio[3];
  if (pipe === null || pipe === undefined) throw new Error("Xvfb has no pipe");
  const [number] = (await once(pipe, "data")) as [Buffer];
  return { display: `:${number.toString().trim()}`, child };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

import assert from "node:assert/strict";
import type { Person } from "./support/person.js";
import { scenario } from "./support/scenario.js";
import { sees, until } from "./support/until.js";
import { PHONE } from "./support/world.js";

/** The last message's body, once it shows this many of these. */
async function last(person: Person, selector: string, count = 1) {
  const body = person.by("body").last();
  await sees(() => body.locator(selector).count(), count);
  return body;
}

const HOSTILE = [
  ">".repeat(4_000),
  "[".repeat(4_000),
  "*a ".repeat(1_333),
  "`".repeat(4_000),
  "> - ".repeat(1_000),
  `${"*a **b ".repeat(40)}${"c** d* ".repeat(40)}`,
  "[x](javascript:alert(1)) <javascript:alert(1)> [y](data:text/html,z)",
  "**<img src=x onerror=alert(1)>** <script>alert(1)</script>",
];

scenario("bodies are read as markdown, hostile ones harm nobody", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  const phone = await world.person("민지", PHONE);
  for (const person of [ada, phone]) await person.comeInto("lobby");

  await ada.say("**굵게(bold)**입니다, *기울여*, ~~지우고~~, `code`");
  for (const person of [ada, phone]) {
    const body = await last(person, "strong");
    assert.equal(await body.locator("strong").textContent(), "굵게(bold)");
    assert.equal(await body.textContent(), "굵게(bold)입니다, 기울여, 지우고, code");
    assert.equal(await body.locator("em, s, code").count(), 3);
  }
  await ada.say("> quoted\n\n3. three\n5. five\n\n|a|b|\n|-|-|\n|1|2|");
  const body = await last(phone, "blockquote");
  assert.deepEqual(
    await body.locator("li").evaluateAll((all) => all.map((item) => (item as HTMLLIElement).value)),
    [3, 5],
  );
  assert.equal(await body.locator("td").count(), 2);

  await ada.say("[docs](https://example.org/a) ![p](https://example.org/p.png) <m@example.org>");
  const links = await (await last(phone, "a", 3)).locator("a").evaluateAll((all) =>
    all.map((link) => ({
      href: link.getAttribute("href"),
      rel: link.getAttribute("rel")?.split(" ").sort().join(" "),
      title: link.getAttribute("title"),
    })),
  );
  assert.deepEqual(
    links.map(({ href }) => href),
    ["https://example.org/a", "https://example.org/p.png", "mailto:m@example.org"],
  );
  for (const { rel } of links) assert.equal(rel, "nofollow noopener noreferrer");
  // Where a text stands for the address, one can see the address.
  assert.equal(links[0]?.title, "https://example.org/a");

  for (const text of HOSTILE) await ada.say(text);
  await ada.say("and *on* it goes");
  for (const person of [ada, phone]) {
    await last(person, "em");
    assert.equal((await person.bodies()).at(-1), "and on it goes");
    assert.equal(await person.by("log").locator("img, script").count(), 0);
    const wild = 'a:not([href^="https://example.org/"], [href^="mailto:m@"])';
    assert.equal(await person.by("log").locator(wild).count(), 0);
  }
});

scenario("code is highlighted, scrolls and is copied", async (world) => {
  await world.start();
  const ada = await world.person("Ada", { permissions: ["clipboard-read", "clipboard-write"] });
  const phone = await world.person("민지", PHONE);
  for (const person of [ada, phone]) await person.comeInto("lobby");
  const code = `fn main() {\n    println!("${"안녕 ".repeat(60)}"); // hi\n}`;
  await ada.say(`look:\n\`\`\`rust\n${code}\n\`\`\``);
  for (const person of [ada, phone]) {
    await last(person, "[data-testid=code][data-lit=true]");
    const pre = person.by("code").locator("pre");
    assert.equal(await pre.textContent(), code);
    assert.equal(await pre.locator("[data-colour=keyword]").first().textContent(), "fn");
    assert.ok(await pre.evaluate((el) => el.scrollWidth > el.clientWidth));
    const log = person.by("log");
    assert.ok(await log.evaluate((el) => el.scrollWidth <= el.clientWidth), "the log is too wide");
  }
  await ada.by("code-copy").click();
  await sees(() => ada.page.evaluate(() => navigator.clipboard.readText()), code);
  await ada.say("```\nlet a = 1;\n```");
  await sees(() => ada.by("code").last().getAttribute("data-lit"), "false");
});

scenario("a reader keeps their place while bodies become what they mean", async (world) => {
  await world.start();
  const guest = await world.guest("Ada");
  await guest.enter("lobby");
  const body = (n: number) => `- **${n}**\n- b\n\n# c\n\n\`\`\`\nd\n\`\`\``;
  await guest.say("lobby", ["plain"]);
  const ben = await world.person("Ben");
  // The parser is late: it comes when the reader is in the middle.
  const waiting: (() => Promise<void>)[] = [];
  let late = true;
  await ben.page.route(/\/assets\/markdown-/, async (route) => {
    if (late) waiting.push(() => route.continue());
    else await route.continue();
  });
  await ben.comeInto("lobby");
  for (let n = 0; n < 30; n += 10) {
    await guest.say(
      "lobby",
      Array.from({ length: 10 }, (_, k) => body(n + k)),
    );
  }
  await sees(async () => (await ben.bodies()).at(-1)?.includes("29"), true);
  const log = ben.by("log");
  await log.evaluate((el) => (el.scrollTop = el.scrollHeight / 2));
  await until("the reader is up", async () => (await ben.fromBottom()) > 500);
  // What is in view is drawn: the first message whose upper edge is.
  const first = () =>
    log.evaluate((el) => {
      const edge = el.getBoundingClientRect();
      const all = [...el.querySelectorAll<HTMLElement>("[data-testid=message]")];
      const at = (one: Element) => one.getBoundingClientRect().top;
      return all.find((one) => at(one) >= edge.top && at(one) < edge.bottom)?.dataset["messageId"];
    });
  await until("the middle is drawn", async () => (await first()) !== undefined);
  const id = await first();
  const row = log.locator(`[data-message-id="${id}"]`);
  const top = () => row.evaluate((el) => Math.round(el.getBoundingClientRect().top));
  const before = await top();
  await until("the parser is asked for", () => waiting.length > 0);
  late = false;
  for (const go of waiting) await go();
  await until("they are read", async () => (await log.locator(".rich").count()) > 4);
  await until("all that are drawn", async () => {
    const [rich, drawn] = [await log.locator(".rich").count(), await ben.by("message").count()];
    return rich >= drawn - 1;
  });
  assert.ok(Math.abs((await top()) - before) <= 2, `${before} became ${await top()}`);
});

scenario("an emoji is chosen by keyboard, by name and by thumb", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await ada.write("hello world");
  await ada.box.evaluate((el) => (el as HTMLTextAreaElement).setSelectionRange(5, 5));
  await ada.by("emoji-open").focus();
  await ada.page.keyboard.press("Enter");
  await until("the search has the focus", () =>
    ada.by("emoji-search").evaluate((el) => el === document.activeElement),
  );
  // Into the grid, and back out.
  const here = () =>
    ada.page.evaluate(() => document.activeElement?.getAttribute("data-index") ?? null);
  await ada.page.keyboard.press("ArrowDown");
  assert.equal(await here(), "0");
  await ada.page.keyboard.press("ArrowDown");
  await ada.page.keyboard.press("ArrowRight");
  assert.equal(await here(), "9");
  await ada.page.keyboard.press("ArrowUp");
  await ada.page.keyboard.press("ArrowUp");
  assert.equal(await here(), null);
  await ada.page.keyboard.press("Escape");
  await sees(() => ada.by("emoji-picker").count(), 0);
  assert.ok(await ada.by("emoji-open").evaluate((el) => el === document.activeElement));

  // By a Korean name, in an English page.
  await ada.page.keyboard.press("Enter");
  await until("it is open", () => ada.by("emoji-grid").isVisible());
  await ada.by("emoji-search").fill("고양이");
  await until("it is found", async () =>
    (await ada.by("emoji").evaluateAll((all) => all.map((el) => el.textContent))).includes("🐱"),
  );
  await ada.by("emoji-search").fill("thumbs up");
  await sees(() => ada.by("emoji").first().textContent(), "👍");
  assert.equal(await ada.by("emoji").first().getAttribute("aria-label"), "thumbs up");
  await ada.page.keyboard.press("Enter");
  await sees(() => ada.box.inputValue(), "hello👍 world");
  assert.ok(await ada.box.evaluate((el) => el === document.activeElement));
  await ada.page.keyboard.press("Control+z");
  await sees(() => ada.box.inputValue(), "hello world");

  // What was used is offered first, after a reload too.
  await ada.page.reload();
  await ada.isIn("lobby");
  await ada.by("emoji-open").click();
  await until("it is open", () => ada.by("emoji-grid").isVisible());
  assert.deepEqual(await ada.by("emoji").allTextContents(), ["👍"]);
  await ada.by("emoji").first().click();
  await ada.write("👍");
  await ada.box.press("Enter");
  await ada.seesAll(["👍"]);
  assert.equal(await ada.by("body").getAttribute("data-emoji"), "true");

  const phone = await world.person("민지", { ...PHONE, locale: "ko-KR" });
  await phone.comeInto("lobby");
  await phone.by("emoji-open").tap();
  await until("it is open", () => phone.by("emoji-grid").isVisible());
  await phone.page.getByRole("tab", { name: "음식과 음료" }).tap();
  await sees(() => phone.by("emoji").first().getAttribute("data-emoji"), "🍇");
  await phone.by("emoji").first().tap();
  await sees(() => phone.box.inputValue(), "🍇");
  assert.equal(await phone.overflow(), null);
});

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { DESKTOP, PHONE } from "./support/world.js";
import { sees, until } from "./support/until.js";

const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>&lt;b&gt; &amp; <a href=//evil.example>x</a>",
  "javascript:alert(1) data:text/html,<script>alert(1)</script> JaVaScRiPt://example.org/%0aalert(1)",
  "an \u202eoverride that never ends\u2066 and an isolate",
  "가".repeat(4_000),
  `${"verylongword".repeat(25)} and then some`,
  `top${"\n".repeat(60)}bottom`,
  "\t\ttabs\tand        spaces   ",
  "Z̷̨̛͖͔̗͈̖̫̗̈́͑̀̓͛͒a̸̧̦̗͎̺̳̾l̴̨͚͔̻͍̅̈́͊͜g̶̨̢̬̺͓̀͜o̸̲̓ \u{1f468}‍\u{1f469}‍\u{1f467}‍\u{1f466} ﷽﷽﷽﷽﷽﷽﷽﷽﷽﷽",
  "مرحبا https://example.org/عربي?q=1 שלום",
];
const LINKS =
  "see https://example.org/a_(b), (http://example.org/x?y=1&z=2). Not ftp://example.org, mailto:a@b.c, https:// or //example.org — HTTPS://EXAMPLE.ORG/UP";

scenario("hostile text is text, and never wider than its page", async (world) => {
  await world.start();
  // So high that nothing is too far away to be drawn.
  const high = (width: number) => ({ viewport: { width, height: 12_000 } });
  const ada = await world.person("Ada", high(DESKTOP.width));
  const desktop = await world.person("<b>Ben</b> " + "W".repeat(25), high(DESKTOP.width));
  const phone = await world.person("조은", { ...PHONE, ...high(390) });
  await ada.comeInto("lobby");
  await Promise.all([desktop.comeInto("lobby"), phone.comeInto("lobby")]);
  for (const body of [...HOSTILE, LINKS]) await ada.say(body);
  await desktop.say("I am here");

  const shown = [...HOSTILE.map((body) => body.trimEnd()), LINKS, "I am here"];
  for (const person of [ada, desktop, phone]) {
    await person.seesAll(shown);
    assert.equal(await person.overflow(), null, `${person.name}'s page is too wide`);
    const log = person.by("log");
    assert.equal(await log.locator("img, script, b, iframe").count(), 0);
    assert.equal((await person.said()).at(-1)?.author, desktop.name);
  }
  assert.ok((await ada.people()).includes(desktop.name));

  const links = await desktop
    .by("log")
    .locator("a")
    .evaluateAll((all) =>
      all.map((link) => ({
        text: link.textContent,
        href: link.getAttribute("href"),
        rel: link.getAttribute("rel")?.split(" ").sort().join(" "),
        target: link.getAttribute("target"),
      })),
    );
  assert.deepEqual(
    links.map(({ href }) => href),
    [
      "https://example.org/%D8%B9%D8%B1%D8%A8%D9%8A?q=1",
      "https://example.org/a_(b)",
      "http://example.org/x?y=1&z=2",
      "https://example.org/UP",
    ],
  );
  for (const { rel, target } of links) {
    assert.equal(rel, "nofollow noopener noreferrer");
    assert.equal(target, "_blank");
  }
});

scenario("a text that is too long is kept in the box, and says by how much", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await ada.write("x".repeat(3_990));
  await sees(() => ada.by("counter").textContent(), "10 characters left");
  await ada.write("\u{1f600}".repeat(4_001));
  await sees(() => ada.by("counter").textContent(), "1 character too many");
  assert.ok(await ada.by("send").isDisabled());
  await ada.box.press("Enter");
  assert.equal((await ada.box.inputValue()).length, 8_002);
  assert.equal(await ada.overflow(), null);
  await ada.say("\u{1f600}".repeat(4_000));
  await ada.seesAll(["\u{1f600}".repeat(4_000)]);
  await until("the box is empty", async () => (await ada.box.inputValue()) === "");
});

scenario("long names of rooms and people fit", async (world) => {
  await world.start();
  const long = "W".repeat(64);
  const ada = await world.person("Ƥ".repeat(40));
  await ada.comeInto("lobby");
  await ada.makeRoom(long);
  await ada.say("hello");
  const ben = await world.person("벤".repeat(40), PHONE);
  await ben.comeInto(long);
  await ben.visit("nowhere-" + "W".repeat(56));
  await until("it says so", () => ben.by("refused").isVisible());
  assert.equal(await ben.overflow(), null);
  await ben.visit(long);
  await ben.isIn(long);
  for (const size of [DESKTOP, { width: 800, height: 600 }, { width: 320, height: 640 }]) {
    for (const person of [ada, ben]) {
      await person.page.setViewportSize(size);
      await until("it fits", async () => (await person.overflow()) === null).catch(async () =>
        assert.fail(`at ${size.width} px: ${(await person.overflow()) ?? "it fits now"}`),
      );
    }
  }
});

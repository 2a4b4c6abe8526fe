import { describe, expect, it } from "vitest";
import { GATHER_MS, Notifier } from "../src/ui/features/notifications/notifier";
import type { News } from "../src/ui/features/notifications/notifier";
import type { NotificationLevel } from "../src/ui/context/preferences";
import { message, Page } from "./support/page";
import { ADA, ME } from "./support/wire";

/** One browser: what any tab looks at, and what any tab told already. */
class Browser {
  readonly seen = new Set<string>();
  readonly told = new Set<string>();
}

/** The server says who is meant. */
const called = (body: string) => (body.includes(`@${ME.name}`) ? { mentions: [ME] } : {});

function tab(level: NotificationLevel = "all", browser = new Browser()) {
  const page = Page.greeted();
  const rooms = ["lobby", "dev"].map((name) => page.joined(name));
  const shown: string[] = [];
  const notifier = new Notifier({
    clock: page.clock,
    level: () => level,
    me: () => ME,
    isSeen: ({ key }) => Promise.resolve(browser.seen.has(key)),
    claim: ({ room, latest }: News) => {
      const name = `${room.key}:${latest.seq}`;
      const first = !browser.told.has(name);
      browser.told.add(name);
      return Promise.resolve(first);
    },
    show: ({ room, latest, count }) => shown.push(`${room.key} ${latest.body} (${count})`),
  });
  page.client.arrivals.on((arrival) => notifier.heard(arrival));
  let seq = 3;
  const say = (body: string, room = "lobby") => {
    if (room === "lobby") seq += 1;
    page.entry(message(room, room === "lobby" ? seq : 4, { body, sender: ADA, ...called(body) }));
  };
  return { page, rooms, shown, say };
}

describe("the system is asked to show", () => {
  it("everything, or mentions only, or nothing", async () => {
    const call = `@${ME.name}`;
    for (const [level, expected] of [
      ["all", ["lobby hello (1)"]],
      ["mentions", []],
      ["none", []],
    ] as const) {
      const { page, shown, say } = tab(level);
      say("hello");
      await page.settle();
      expect(shown, level).toEqual(expected);
    }
    const { page, shown, say } = tab("mentions");
    say(call);
    await page.settle();
    expect(shown).toEqual([`lobby ${call} (1)`]);
  });

  it("nothing of a room that somebody looks at, in whichever tab", async () => {
    const browser = new Browser();
    const { page, shown, say } = tab("all", browser);
    browser.seen.add("lobby");
    say("hello");
    say("hello", "dev");
    await page.settle();
    expect(shown).toEqual(["dev hello (1)"]);
  });

  it("one for all tabs", async () => {
    const browser = new Browser();
    const tabs = [tab("all", browser), tab("all", browser), tab("all", browser)];
    for (const { say } of tabs) say("hello");
    for (const { page } of tabs) await page.settle();
    expect(tabs.flatMap(({ shown }) => shown)).toEqual(["lobby hello (1)"]);
  });

  it("a burst as one that says how many", async () => {
    const { page, shown, say } = tab();
    for (let n = 1; n <= 20; n++) say(`line ${n}`);
    await page.settle();
    expect(shown).toEqual(["lobby line 1 (1)"]);
    page.clock.advance(GATHER_MS);
    await page.settle();
    expect(shown).toEqual(["lobby line 1 (1)", "lobby line 20 (19)"]);
    page.clock.advance(GATHER_MS);
    say("later");
    await page.settle();
    expect(shown.at(-1)).toBe("lobby later (1)");
  });

  it("nothing that was read in the meantime", async () => {
    const { page, rooms, shown, say } = tab();
    say("one");
    say("two");
    await page.settle();
    rooms[0]?.read.mark(5);
    page.clock.advance(GATHER_MS);
    await page.settle();
    expect(shown).toEqual(["lobby one (1)"]);
  });
});

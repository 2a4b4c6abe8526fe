import { describe, expect, it } from "vitest";
import { en } from "../src/ui/app/strings.en";
import { neighbour } from "../src/ui/app/room-navigation";
import { SHORTCUTS } from "../src/ui/app/shortcuts";
import { presses } from "../src/ui/kit/key-combos";
import type { Combo, Press } from "../src/ui/kit/key-combos";
import type { App } from "../src/ui/context/app-context";
import { message, Page } from "./support/page";

function press(text: string, key = "", code = ""): Press {
  const parts = text.split("+");
  const last = parts.pop() ?? "";
  return {
    key: key === "" ? last : key,
    code,
    ctrlKey: parts.includes("Ctrl"),
    metaKey: parts.includes("Meta"),
    altKey: parts.includes("Alt"),
    shiftKey: parts.includes("Shift"),
  };
}

describe("a press", () => {
  it.each<[string, Press, Combo]>([
    ["Ctrl+k", press("Ctrl+k"), "Mod+K"],
    ["with caps lock", press("Ctrl+K"), "Mod+K"],
    ["the key where a Korean layout has ㅏ", press("Ctrl+ㅏ", "ㅏ", "KeyK"), "Mod+K"],
    ["Alt+↓", press("Alt+ArrowDown"), "Alt+ArrowDown"],
    ["?", press("Shift+?", "?", "Slash"), "?"],
    ["? of a layout that has it elsewhere", press("Shift+?", "?", "Minus"), "?"],
    ["Ctrl+/", press("Ctrl+/", "/", "Slash"), "Mod+/"],
    ["Esc", press("Escape"), "Escape"],
    ["Shift+F6", press("Shift+F6"), "Shift+F6"],
  ])("%s is one", (_, pressed, combo) => expect(presses(pressed, combo, false)).toBe(true));

  it.each<[string, Press, Combo]>([
    ["k", press("k"), "Mod+K"],
    ["Ctrl+Shift+K: Firefox's console", press("Ctrl+Shift+K"), "Mod+K"],
    ["Ctrl+Alt+k: a letter of some layouts", press("Ctrl+Alt+k"), "Mod+K"],
    ["Meta+k away from Apple", press("Meta+k"), "Mod+K"],
    ["Ctrl+T of Dvorak, on the key K", press("Ctrl+t", "t", "KeyK"), "Mod+K"],
    ["Alt+Shift+↓", press("Alt+Shift+ArrowDown"), "Alt+ArrowDown"],
    ["↓", press("ArrowDown"), "Alt+ArrowDown"],
    ["Shift+Esc", press("Shift+Escape"), "Escape"],
    ["F6", press("F6"), "Shift+F6"],
    ["/", press("/", "/", "Slash"), "?"],
  ])("%s is none", (_, pressed, combo) => expect(presses(pressed, combo, false)).toBe(false));

  it("takes Command on Apple's machines, where Control edits text", () => {
    expect(presses(press("Meta+k"), "Mod+K", true)).toBe(true);
    expect(presses(press("Ctrl+k"), "Mod+K", true)).toBe(false);
  });
});

describe("the list of shortcuts", () => {
  it("has no combination twice, and a text for each", () => {
    const combos = SHORTCUTS.flatMap((shortcut) => shortcut.combos);
    expect(new Set(combos).size).toBe(combos.length);
    for (const { name } of SHORTCUTS) expect(Object.keys(en)).toContain(`shortcuts.${name}`);
    const texts = Object.keys(en).filter((key) => /^shortcuts\.(?!title|or$|group)/.test(key));
    expect(texts).toHaveLength(SHORTCUTS.length);
  });
});

describe("the room beside", () => {
  const names = ["one", "two", "three", "four"];
  function at(open: string | null) {
    const page = Page.greeted();
    for (const name of names) page.joined(name);
    const app = { client: page.client, router: { room: { value: open } } } as unknown as App;
    const go = (step: 1 | -1, unreadOnly = false) =>
      neighbour(app, step, unreadOnly)?.name.value ?? null;
    return { page, go };
  }

  it("is the next and the one before, around the ends", () => {
    expect(at("one").go(1)).toBe("two");
    expect(at("four").go(1)).toBe("one");
    expect(at("one").go(-1)).toBe("four");
    expect(at("TWO").go(-1)).toBe("one");
  });

  it("is the first or the last when no room is open", () => {
    expect(at(null).go(1)).toBe("one");
    expect(at(null).go(-1)).toBe("four");
    expect(at("elsewhere").go(1)).toBe("one");
  });

  it("is the next unread one, however far, and none when all is read", () => {
    const { page, go } = at("two");
    expect(go(1, true)).toBeNull();
    page.entry(message("one", 4));
    expect(go(1, true)).toBe("one");
    page.entry(message("four", 4));
    expect(go(1, true)).toBe("four");
    expect(go(-1, true)).toBe("one");
    // The open one is being read.
    page.entry(message("two", 4));
    expect(go(1, true)).toBe("four");
  });

  it("is none of one", () => {
    const page = Page.greeted();
    page.joined("only");
    const app = { client: page.client, router: { room: { value: "only" } } } as unknown as App;
    expect(neighbour(app, 1, false)).toBeNull();
  });
});

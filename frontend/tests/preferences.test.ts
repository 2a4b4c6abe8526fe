import { effect } from "@preact/signals-core";
import { describe, expect, it } from "vitest";
import { Drafts } from "../src/store/drafts";
import { memoryStorage } from "../src/store/storage";
import { titleOf } from "../src/ui/features/notifications/badge";
import { Preferences } from "../src/ui/context/preferences";
import { i18nIn } from "./support/i18n";

describe("preferences", () => {
  it("are kept, and nothing is asked for that nobody chose", () => {
    const storage = memoryStorage();
    const first = new Preferences(storage);
    expect(first.density.chosen.value).toBe("comfortable");
    expect(first.notifications.chosen.value).toBe("none");
    first.density.choose("compact");
    first.notifications.choose("mentions");
    const second = new Preferences(storage);
    expect(second.density.chosen.value).toBe("compact");
    expect(second.notifications.chosen.value).toBe("mentions");
  });

  it("are the same in every tab", () => {
    const storage = memoryStorage();
    const here = new Preferences(storage);
    const language = i18nIn("en", storage);
    new Preferences(storage).density.choose("compact");
    i18nIn("en", storage).choose("ko");
    for (const key of ["density", "language", "theme"]) {
      here.otherTabWrote(key);
      language.otherTabWrote(key);
    }
    expect(here.density.chosen.value).toBe("compact");
    expect(language.language.value).toBe("ko");
  });

  it("that are damaged are as at the beginning", () => {
    const storage = memoryStorage();
    storage.set("density", "tiny");
    storage.set("notifications", "");
    const { density, notifications } = new Preferences(storage);
    expect([density.chosen.value, notifications.chosen.value]).toEqual(["comfortable", "none"]);
  });
});

describe("drafts", () => {
  it("tell when one begins and when it ends, not at every letter", () => {
    const drafts = new Drafts(memoryStorage());
    const seen: boolean[] = [];
    effect(() => void seen.push(drafts.has("lobby")));
    for (const text of ["h", "he", "hel", "", "   ", "안"]) drafts.set("lobby", text);
    expect(seen).toEqual([false, true, false, true]);
    expect(drafts.get("lobby")).toBe("안");
  });

  it("of another tab show, too", () => {
    const storage = memoryStorage();
    const drafts = new Drafts(storage);
    const seen: boolean[] = [];
    effect(() => void seen.push(drafts.has("lobby")));
    new Drafts(storage).set("lobby", "over there");
    drafts.otherTabWrote("draft:lobby");
    expect(seen).toEqual([false, true]);
  });
});

describe("the title", () => {
  it.each([
    [null, 0, "Maru"],
    ["lobby", 0, "lobby · Maru"],
    ["lobby", 3, "(3) lobby · Maru"],
    [null, 99, "(99) Maru"],
    ["회의", 100, "(99+) 회의 · Maru"],
  ])("in %s with %d unread: %s", (room, unread, title) =>
    expect(titleOf(room, unread)).toBe(title),
  );
});

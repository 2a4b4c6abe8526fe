import { describe, expect, it } from "vitest";
import { options } from "../src/ui/features/switcher/choices";
import type { Option } from "../src/ui/features/switcher/choices";
import { match } from "../src/ui/features/switcher/match";
import { message, Page } from "./support/page";
import { ADA, ME } from "./support/wire";

/** The name with what was meant in brackets; null when it doesn't fit. */
function marked(name: string, query: string): string | null {
  const found = match(name, query);
  if (found === null) return null;
  return Array.from(name, (char, n) => (found.at.includes(n) ? `[${char}]` : char)).join("");
}

describe("what was typed", () => {
  it.each([
    ["lobby", "lob", "[l][o][b]by"],
    ["lobby", "LOB", "[l][o][b]by"],
    ["lobby", "bby", "lo[b][b][y]"],
    ["lobby", "", "lobby"],
    ["lobby", "  ", "lobby"],
    ["lobby", "lobbyx", null],
    ["lobby", "x", null],
    ["marketing", "mkt", "[m]ar[k]e[t]ing"],
    ["marketing", "kt", null],
    ["team design", "td", "[t]eam [d]esign"],
    ["Straße 7", "straße", "[S][t][r][a][ß][e] 7"],
    ["회의", "회의", "[회][의]"],
    ["주간 회의", "회의", "주간 [회][의]"],
    // Initial consonants, alone and among syllables.
    ["회의", "ㅎㅇ", "[회][의]"],
    ["주간 회의", "ㅎㅇ", "주간 [회][의]"],
    ["주간 회의", "ㅈㄱ", "[주][간] 회의"],
    ["주간 회의", "ㅈㅎ", "[주]간 [회]의"],
    ["회의", "회ㅇ", "[회][의]"],
    ["회의", "ㅇㅎ", null],
    ["쌍둥이", "ㅆ", "[쌍]둥이"],
    ["쌍둥이", "ㅅ", null],
    // What an input method pairs was typed one after the other.
    ["각시", "ㄳ", "[각][시]"],
    // A syllable under way.
    ["가나다", "간", "[가]나다"],
    ["회의", "회으", "[회][의]"],
    ["회의", "호", "[회]의"],
    ["닭갈비", "달", "[닭]갈비"],
    ["회의", "휘", null],
    ["간식", "가", "[간]식"],
    // Names of another normal form.
    ["회의".normalize("NFD"), "회의", null],
  ])("%s for %s", (name, query, expected) => {
    if (name !== name.normalize("NFC")) expect(match(name, query)).not.toBeNull();
    else expect(marked(name, query)).toBe(expected);
  });

  it("fits better the nearer it is to the beginning, and whole best of all", () => {
    const score = (name: string) => match(name, "dev")?.score ?? 0;
    const order = ["dev", "devops", "team dev", "indevour", "d e v"];
    expect([...order].sort((a, b) => score(b) - score(a))).toEqual(order);
    expect(new Set(order.map(score)).size).toBe(order.length);
  });
});

const told = (list: readonly Option[]) =>
  list.map((option) => (option.is === "new" ? `+${option.name}` : option.name));

describe("the switcher's choices", () => {
  const info = (room: string, members = 1) => ({ room, members, head: 1, active_at: 1 });

  it("begin with who was called, then with what is unread, and end with the open room", () => {
    const page = Page.greeted();
    const rooms = ["lobby", "디자인", "회의", "dev"].map((name) => page.joined(name));
    page.entry(message("회의", 4));
    page.entry(message("dev", 4, { body: `@${ME.name} 봐 주세요`, mentions: [ME], sender: ADA }));
    const list = options({ query: "", mine: rooms, directory: [info("other")], open: "lobby" });
    expect(told(list)).toEqual(["dev", "회의", "디자인", "lobby", "other"]);
  });

  it("prefer mine to others of the same fit, and a better fit to mine", () => {
    const page = Page.greeted();
    const mine = [page.joined("design two"), page.joined("our design")];
    const directory = [info("design one"), info("design two")];
    expect(told(options({ query: "design", mine, directory, open: null }))).toEqual([
      "design two",
      "design one",
      "our design",
      "+design",
    ]);
  });

  it("offer to make what isn't there, when it can be a name", () => {
    const make = (query: string) => told(options({ query, mine: [], directory: [], open: null }));
    expect(make("새 방")).toEqual(["+새 방"]);
    expect(make("a/b")).toEqual([]);
    expect(make("ㅅㅂ")).toEqual([]);
    expect(make("")).toEqual([]);
    const known = options({ query: "LOBBY", mine: [], directory: [info("lobby")], open: null });
    expect(told(known)).toEqual(["lobby"]);
  });

  it("are bounded", () => {
    const directory = Array.from({ length: 300 }, (_, n) => info(`room ${n}`));
    expect(options({ query: "", mine: [], directory, open: null })).toHaveLength(50);
  });
});

import { describe, expect, it } from "vitest";
import { linkify } from "../src/ui/markdown/linkify";

/** Links in brackets, runs parted by "|". */
const shown = (text: string) =>
  linkify(text)
    .map((run) => (run.href === null ? run.text : `[${run.text}]`))
    .join("|");

describe("linkify", () => {
  it.each([
    ["see https://example.org/a?b=c#d now", "see |[https://example.org/a?b=c#d]| now"],
    ["HTTP://EXAMPLE.org", "[HTTP://EXAMPLE.org]"],
    ["no link at all", "no link at all"],
    ["https:// alone", "https:// alone"],
    ["https://a.b https://c.d", "[https://a.b]| |[https://c.d]"],
    ["line\nhttps://a.b\nline", "line\n|[https://a.b]|\nline"],
  ])("finds addresses: %s", (text, expected) => expect(shown(text)).toBe(expected));

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://example.org",
    "//example.org",
  ])("makes no link of %s", (text) => expect(shown(text)).toBe(text));

  it("links the address inside of a script's, never the script", () => {
    for (const run of linkify("javascript:https://example.org/%0aalert(1)")) {
      if (run.href !== null) expect(new URL(run.href).protocol).toBe("https:");
    }
    expect(shown("javascript:https://example.org")).toBe("javascript:|[https://example.org]");
  });

  it.each([
    ["https://example.org.", "[https://example.org]|."],
    ["https://example.org/a, and", "[https://example.org/a]|, and"],
    ["really https://example.org/a?!", "really |[https://example.org/a]|?!"],
    ["“https://example.org/a”", "“|[https://example.org/a]|”"],
    ["여기 https://example.org/a。", "여기 |[https://example.org/a]|。"],
    ["<https://example.org/a>", "<|[https://example.org/a]|>"],
    ["https://example.org/a...b", "[https://example.org/a...b]"],
  ])("leaves the sentence its punctuation: %s", (text, expected) =>
    expect(shown(text)).toBe(expected),
  );

  it.each([
    ["(https://example.org/a)", "(|[https://example.org/a]|)"],
    ["https://en.wikipedia.org/wiki/A_(b)", "[https://en.wikipedia.org/wiki/A_(b)]"],
    ["(https://en.wikipedia.org/wiki/A_(b))", "(|[https://en.wikipedia.org/wiki/A_(b)]|)"],
    ["(https://en.wikipedia.org/wiki/A_(b)).", "(|[https://en.wikipedia.org/wiki/A_(b)]|)."],
    ["https://example.org/((x))", "[https://example.org/((x))]"],
  ])("keeps the brackets a link opened: %s", (text, expected) =>
    expect(shown(text)).toBe(expected),
  );

  it.each([
    ["https://example.org입니다", "[https://example.org]|입니다"],
    ["https://example.org에서 봐요", "[https://example.org]|에서 봐요"],
    ["https://example.org:8080으로 와요", "[https://example.org:8080]|으로 와요"],
    ["http://localhost에서", "[http://localhost]|에서"],
    ["https://example.org,그리고", "[https://example.org]|,그리고"],
    ["https://example.org/를 보세요", "[https://example.org/]|를 보세요"],
    ["https://example.org/path에서는.", "[https://example.org/path]|에서는."],
    ["https://example.org/?a=1을 열어요", "[https://example.org/?a=1]|을 열어요"],
  ])("ends before Korean right behind it: %s", (text, expected) =>
    expect(shown(text)).toBe(expected),
  );

  it.each([
    "https://ko.wikipedia.org/wiki/한국",
    "https://ko.wikipedia.org/wiki/고구려의_역사",
    "https://example.org/문서/안내",
    "https://한국.kr/a",
    "https://shop.한국",
    "https://도메인.한국/길",
  ])("keeps the Hangul of an address: %s", (text) => expect(shown(text)).toBe(`[${text}]`));

  it("shows no address turned around by a bidirectional control", () => {
    for (const run of linkify("https://example.org/\u202Egpj.exe")) {
      if (run.href !== null) expect(run.text).not.toMatch(/\p{Bidi_Control}/u);
    }
    expect(shown("https://example.org/\u202Egpj")).toBe("[https://example.org/]|\u202Egpj");
  });

  it("loses no character", () => {
    const text = "a (https://x.y/(z)에서) https:// b https://c.d입니다. javascript:https://e.f)";
    expect(
      linkify(text)
        .map((run) => run.text)
        .join(""),
    ).toBe(text);
  });

  it("takes a body of brackets and addresses in no time", () => {
    const started = performance.now();
    linkify(`https://a.b/${")".repeat(3_980)}x`);
    linkify(`https://a.b/${"(".repeat(1_990)}${")".repeat(1_990)}`);
    linkify("https://a.b ".repeat(333));
    linkify(`https://${"a.".repeat(1_990)}한`);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

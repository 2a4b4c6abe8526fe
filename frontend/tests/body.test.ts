import { describe, expect, it } from "vitest";
import { isEmojiOnly, isSignificant } from "../src/ui/markdown/detect";
import { MAX_BODY_CHARS, MAX_EXCERPT_CHARS } from "../src/protocol/generated";
import { excerpt, quoted } from "../src/ui/markdown/excerpt";
import { splitMentions } from "../src/ui/markdown/mentions";
import { parse } from "../src/ui/markdown/parse";
import type { Block, Cell, Inlines } from "../src/ui/markdown/tree";
import { forSeeds, pick } from "./support/random";

const ADA = { id: "guest-ada", name: "Ada" };
const MINJI = { id: "guest-minji", name: "김 민지" };
const UNDER = { id: "guest-under", name: "_a_b_" };

// A tree in one line: tags by their first letters, links as [text→href].
const line = (inside: Inlines): string =>
  inside
    .map((one) => {
      switch (one.is) {
        case "text":
          return one.text;
        case "code":
          return `<c>${one.text}</c>`;
        case "mention":
          return `{${one.mention.id}}`;
        case "link":
          return `[${line(one.inside)}→${one.href}]`;
        default:
          return `<${one.is}>${line(one.inside)}</${one.is}>`;
      }
    })
    .join("");
const row = (cells: readonly Cell[]) =>
  cells.map((cell) => `${cell.align?.[0] ?? ""}${line(cell.inside)}`).join("|");
const block = (one: Block): string => {
  switch (one.is) {
    case "paragraph":
      return line(one.inside);
    case "heading":
      return `<h${one.level}>${line(one.inside)}`;
    case "quote":
      return `<q>${all(one.blocks)}</q>`;
    case "list":
      return one.items.map((item) => `(${item.number ?? "•"} ${all(item.blocks)})`).join("");
    case "code":
      return `<pre ${one.info}>${one.text}</pre>`;
    case "table":
      return `<table>${[one.head, ...one.rows].map(row).join("/")}</table>`;
    case "rule":
      return "<hr>";
  }
};
const all = (blocks: readonly Block[]): string => blocks.map(block).join("¶");
const shown = (text: string, ...mentions: { id: string; name: string }[]) => {
  const blocks = parse(text, mentions);
  return blocks === null ? null : all(blocks);
};

describe("a body", () => {
  it.each([
    ["**bold** *it* ~~gone~~ `code`", "<strong>bold</strong> <em>it</em> <s>gone</s> <c>code</c>"],
    ["__b__ and snake_case_name", "<strong>b</strong> and snake_case_name"],
    ["# Big\n### small", "<h1>Big¶<h3>small"],
    ["> a\n> b\n\nc", "<q>a\nb</q>¶c"],
    ["- a\n- b\n  - c", "(• a)(• b¶(• c))"],
    ["3. three\n5. five", "(3 three)(5 five)"],
    ["```rust\nfn a() {}\n```", "<pre rust>fn a() {}</pre>"],
    ["```\n  kept\n\n```", "<pre >  kept\n</pre>"],
    ["|a|b|\n|-|:-:|\n|1|2|", "<table>a|cb/1|c2</table>"],
    ["a\n\n---\n\nb", "a¶<hr>¶b"],
    ["\\*not\\*", "*not*"],
  ])("reads CommonMark: %j", (text, tree) => expect(shown(text)).toBe(tree));

  it.each([
    ["**굵게(bold)**입니다", "<strong>굵게(bold)</strong>입니다"],
    ["이건 **중요!**합니다", "이건 <strong>중요!</strong>합니다"],
    ["**“인용”**은", "<strong>“인용”</strong>은"],
    ["가격은 ~~만원~~입니다", "가격은 <s>만원</s>입니다"],
  ])("reads emphasis beside Korean: %s", (text, tree) => expect(shown(text)).toBe(tree));

  it.each([
    "2024. 5. 1. 회의",
    ">ㅁ<",
    ">_< 어떡해",
    "안녕~~반가워~~",
    "네~~ 알겠어요~~",
    "title\n---not a heading",
    "    indented\n        more",
    "[a]: https://example.org",
    "&lt;b&gt; &amp; &copy;",
    "<b>no</b> <!-- --> <script>alert(1)</script>",
    "#",
    "¯\\_(ツ)_/¯",
  ])("leaves what people write in a chat alone: %j", (text) =>
    expect(shown(text)?.trim()).toBe(
      text.trim().replace("https://example.org", "[https://example.org→https://example.org/]"),
    ),
  );

  it("keeps lines as lines, with the spaces they begin with", () =>
    expect(shown("*a*\n  b\nc")).toBe("<em>a</em>\n  b\nc"));

  it("underlines nothing", () => expect(shown("title\n---\n*x*")).toBe("title¶<hr>¶<em>x</em>"));
});

describe("a link", () => {
  it.each([
    ["[a](https://b.c)", "[a→https://b.c/]"],
    ["[a](mailto:a@b.c)", "[a→mailto:a@b.c]"],
    ["<https://b.c/?a&copy=1>", "[https://b.c/?a&copy=1→https://b.c/?a&copy=1]"],
    ["![a *b*](https://b.c/d.png)", "[a *b*→https://b.c/d.png]"],
    ["![](https://b.c/d.png)", "[https://b.c/d.png→https://b.c/d.png]"],
    ["[![a](https://b.c)](https://d.e)", "[a→https://d.e/]"],
    ["**https://b.c**입니다", "<strong>[https://b.c→https://b.c/]</strong>입니다"],
    ["*x* https://b.c/_y_z에서 봐요", "<em>x</em> [https://b.c/_y_z→https://b.c/_y_z]에서 봐요"],
    ["*x* (https://b.c/a_(b)).", "<em>x</em> ([https://b.c/a_(b)→https://b.c/a_(b)])."],
    ["[https://a.b](https://b.c)", "[https://a.b→https://b.c/]"],
  ])("goes where it may: %s", (text, tree) => expect(shown(text)).toBe(tree));

  it.each([
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html,x)",
    "[a](vbscript:x)",
    "[a](//b.c)",
    "[a](b)",
    "[a]()",
    "![a](data:image/png;base64,x)",
    "<javascript:alert(1)>",
  ])("stays text elsewhere: %s", (text) => expect(shown(text)).toBe(text));
});

describe("a mention", () => {
  it.each([
    ["**@Ada** hi", "<strong>{guest-ada}</strong> hi"],
    ["*a* @김 민지님", "<em>a</em> {guest-minji}님"],
    ["*a* @_a_b_", "<em>a</em> {guest-under}"],
    ["*a* @Adam a@Ada", "<em>a</em> @Adam a@Ada"],
    ["`@Ada` *a*", "<c>@Ada</c> <em>a</em>"],
  ])("within markup: %s", (text, tree) => expect(shown(text, ADA, MINJI, UNDER)).toBe(tree));

  it("without markup", () => {
    expect(splitMentions("@Ada, @김 민지야 @Adam @Ad", [ADA, MINJI])).toEqual([
      ADA,
      ", ",
      MINJI,
      "야 @Adam @Ad",
    ]);
  });

  it("is the longest name that fits", () => {
    const bea = { id: "b", name: "Ada Bea" };
    expect(splitMentions("@Ada Bea", [ADA, bea])).toEqual([bea]);
  });
});

describe("markup is looked for only where there may be some", () => {
  it.each([
    "안녕하세요! 12시에 1층에서 봐요 :)",
    "a - b, 2 * 3 = 6, snake_case, #tag, 5 > 3",
    "https://example.org/a_b-c(d)?e=f#g",
    "줄\n바꿈\n\n- ",
    "*",
    "",
  ])("not in %j", (text) => expect(isSignificant(text)).toBe(false));

  it.each([
    "*a*",
    "_a_",
    "`",
    "> a",
    "# a",
    "- a",
    "1. a",
    "a\n---",
    "[a](b)",
    "<http://a>",
    "~~a~~",
  ])("but in %j", (text) => expect(isSignificant(text)).toBe(true));
});

describe("emoji alone", () => {
  it.each(["👍", "👍🏽 ❤️", "👨‍👩‍👧‍👦🇰🇷1️⃣", "☺️"])("are large: %s", (text) =>
    expect(isEmojiOnly(text)).toBe(true),
  );
  it.each(["👍👍👍👍", "👍 ok", "1", "#", "©", "", "ㅋ"])("or not: %s", (text) =>
    expect(isEmojiOnly(text)).toBe(false),
  );
});

describe("an excerpt", () => {
  it.each([
    ["**굵게(bold)**입니다 `x` ~~y~~ _z_", "굵게(bold)입니다 x y z"],
    ["# Title\n\n> quoted\n- one\n2. two", "Title quoted one 2. two"],
    ["```rust\nlet a = 1;\n```", "let a = 1;"],
    ["[docs](https://a.b/c_d) snake_case 2 * 3", "docs snake_case 2 * 3"],
    [">ㅁ< ¯\\_(ツ)_/¯", ">ㅁ< ¯\\_(ツ)_/¯"],
    ["***", "***"],
    ["안녕~~반가워~~", "안녕~~반가워~~"],
    ["**a *b* c** _x **y** z_ ***both***", "a b c x y z both"],
    ["**run `npm i` now**, ``a ` b``", "run npm i now, a ` b"],
    ['[w](https://e.org/A_(b)) [t](http://x.y "ti") ![pic](http://a/b.png)', "w t pic"],
    ["<https://a.b/_x_> _snake_case here_", "https://a.b/_x_ snake_case here"],
    ["> - **x**", "x"],
  ])("of %j", (text, plain) => expect(excerpt(text)).toBe(plain));

  it.each([
    ["2 * 3 * 4, a > b, c < d"],
    ["snake_case_name, a_b and __x"],
    ["f(*args, **kwargs)"],
    ["5 ~~ 6, a ``` b"],
    ["$& $1 \\o/"],
  ])("leaves %j as it is", (text) => expect(excerpt(text)).toBe(text));

  it.each([
    ["`a * b * c` and `**raw**`", "a * b * c and **raw**"],
    ["```\n**x** [a](b)\n```\nafter **b**", "**x** [a](b) after b"],
    ["~~~\na_b_\n~~~", "a_b_"],
    ["```js\nleft_open(*)", "left_open(*)"],
    ["\\*not\\* \\_x\\_", "*not* _x_"],
    ["\uE000**a** `b`\uE000", "a b"],
  ])("keeps to the letter what is code or meant so, of %j", (text, plain) =>
    expect(excerpt(text)).toBe(plain),
  );

  it.each([
    ["hello **world and mo", "hello world and mo"],
    ["see [docs](https://exam", "see docs"],
    ["run `npm inst", "run npm inst"],
    ["…ld** text ~~x", "…ld text x"],
    ["2 * 3 ** 4", "2 * 3 ** 4"],
  ])("of a piece, %j, ends what is torn", (text, plain) =>
    expect(excerpt(text, 200, true)).toBe(plain),
  );

  it("of a quote that was cut where a mark was open", () => {
    const long = `**${"가".repeat(MAX_EXCERPT_CHARS - 2)}`;
    expect(quoted(long)).toBe("가".repeat(MAX_EXCERPT_CHARS - 2));
    expect(quoted("**whole")).toBe("**whole");
  });

  it("says what the message shows, whatever marks there are and wherever", () => {
    const words = ["a", "가나", "b_c", "2", "x > y"];
    const wraps = [
      ["**", "**"],
      ["*", "*"],
      ["`", "`"],
      ["[", "](https://a.b/c)"],
      ["", ""],
    ] as const;
    forSeeds(200, (random) => {
      const plain: string[] = [];
      const marked = Array.from({ length: 6 }, () => {
        const word = pick(random, words);
        const [open, close] = pick(random, wraps);
        plain.push(word);
        return open + word + close;
      });
      expect(excerpt(marked.join(" "))).toBe(plain.join(" "));
    });
  });

  it("ends in time, and not within a character", () => {
    expect(excerpt("😀".repeat(300), 10)).toBe("😀😀😀😀…");
  });
});

const many = (text: string, length = 4_000) => text.repeat(Math.ceil(length / text.length));
const rising = (mark: string, end: string) => {
  let text = "";
  for (let n = 1; text.length < 4_000; n++) text += mark.repeat(n) + end;
  return text;
};
const HOSTILE: readonly string[] = [
  ...["> ", ">", "[", "![", "[a](", "[](", "*", "*a ", "a**b", "*a_b", "*_", "_a", "a***b**c*"],
  ...["~~a ", "a~~b~", "`", "`a", "`\n", "```\n", "~~~a\n", "\\", "\\\n", "- ", "* a\n  ", "1. "],
  ...[
    "-\n",
    "<",
    "<http:",
    "<!--",
    '<a b="',
    "#",
    "# a\n",
    "&",
    "|",
    "a|b\n",
    "\n",
    "a\n",
    " ",
    "\t",
  ],
  ...["**가(a)**나", "가*", "[a]: b\n", "> - ", "- > a\n", "https://a.b/*_*", "[a](b)", "@Ada"],
  ...["https://a.b/(", "**https://a.b", "__", "|-", "[a][", "> 1. "],
].map((part) => many(part));
const SHAPES: readonly string[] = [
  "`".repeat(16_384),
  rising("`", "a"),
  rising(">", "a\n"),
  rising(" ", "- a\n"),
  rising("*", "a "),
  rising("~", "a"),
  `${">".repeat(200)}a\n${many("b\n", 3_700)}`,
  `${many("*a ", 2_000)}${many("b* ", 2_000)}`,
  `${many("**a ", 2_000)}${many("b_ ", 2_000)}`,
  `${many("[", 1_300)}a${many("](x)", 2_400)}`,
  `|a|b|\n|-|-|\n${many("|a|b|\n")}`,
  `${"|".repeat(1_000)}a\n${"|-".repeat(1_000)}\n${many("|\n", 900)}`,
  many("*a **b "),
];

describe("a hostile body", () => {
  it("costs no time", () => {
    for (const text of [...HOSTILE, ...SHAPES]) {
      const started = performance.now();
      isSignificant(text);
      parse(text, [ADA]);
      excerpt(text, MAX_BODY_CHARS);
      // Each takes less than 30 ms where nothing else runs. What grows faster than its text takes
      // seconds, and that is what would fail: not a machine with much to do.
      expect(performance.now() - started, JSON.stringify(text.slice(0, 20))).toBeLessThan(1_000);
    }
  });

  it("is shown as it is when it is too deep, too wide or too much", () => {
    expect(shown(">".repeat(4_000))).toBeNull();
    expect(shown("*a **b ".repeat(40) + "c** d* ".repeat(40))).toBeNull();
    expect(shown(`${"|".repeat(40)}a\n${"|-".repeat(40)}|\n`)).toBeNull();
    expect(shown(many("*a*b"))).toBeNull();
  });

  it("never throws, links nowhere else, and loses no word: seeded markdown", () => {
    const MARKUP = (
      "* ** *** _ __ ~~ ` `` ``` ~~~ [ ] ( ) ]( ![ < > # ## - + 1. 2) \\ | --- *** @ @Ada " +
      "&amp; <b> </b> <!-- https:// http://e.org javascript: mailto:a@b.c data: : ! 가 (나) 😀 \u202e"
    ).split(" ");
    forSeeds(3_000, (random) => {
      let text = "";
      const words: string[] = [];
      for (let n = Math.floor(random() * 60); n > 0; n--) {
        const dice = random();
        if (dice < 0.25) {
          const word = `w${words.length}q`;
          words.push(word);
          text += word;
        } else if (dice < 0.45) text += pick(random, [" ", "\n", "\n\n", "  ", "\n    ", "\t"]);
        else text += pick(random, MARKUP);
      }
      const blocks = parse(text, [ADA]);
      if (blocks === null) return;
      const said = all(blocks);
      let from = 0;
      for (const word of words) {
        from = said.indexOf(word, from);
        if (from < 0) throw new Error(`${JSON.stringify(text)} lost ${word}: ${said}`);
      }
      for (const href of hrefs(blocks)) expect(href).toMatch(/^(?:https?:\/\/|mailto:)/);
      // What is taken for plain text is plain text to the parser too.
      if (!isSignificant(text)) expect(said).not.toMatch(/<(?:strong|em|s|c|h\d|q|pre|table)\b/);
    });
  });
});

function hrefs(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "href" ? [String(inner)] : hrefs(inner),
  );
}

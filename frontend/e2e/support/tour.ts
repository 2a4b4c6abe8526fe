// A walk through every screen of the page, for whoever wants to look at each: the screenshots and the
// check of accessibility. A screen that is new gets a stop here.

import { lookAtTalk } from "./tour-talk.js";
import { until, sees } from "./until.js";
import type { Person } from "./person.js";
import type { Wire } from "./wire.js";
import { bringFiles, lookAtFiles, lookAtSearch } from "./tour-find.js";
import { DESKTOP, PHONE } from "./world.js";
import type { World } from "./world.js";
import type { Site } from "./site.js";

/** What is done at a stop; `screen` names it. */
export type Look = (person: Person, screen: string) => Promise<void>;

export interface Tourist {
  name: string;
  locale: "en-US" | "ko-KR";
  scheme: "light" | "dark";
  phone: boolean;
}

export const TOURISTS: readonly Tourist[] = [
  { name: "윤슬", locale: "ko-KR", scheme: "light", phone: false },
  { name: "Mary Shaw", locale: "en-US", scheme: "dark", phone: false },
  { name: "도윤", locale: "ko-KR", scheme: "dark", phone: true },
  { name: "Barbara", locale: "en-US", scheme: "light", phone: true },
];

const GUESTS = ["김민지", "Ada Lovelace", "박준호", "Grace", "하늘", "이서연", "Tomás"];

/** A server with a conversation, and the page on a host of its own. */
export class Tour {
  private readonly guests = new Map<string, Wire>();

  private constructor(
    private readonly world: World,
    private readonly site: Site,
  ) {}

  static async prepare(world: World): Promise<Tour> {
    const tour = new Tour(world, await world.startApart());
    for (const name of GUESTS) tour.guests.set(name, await world.guest(name));
    await tour.talk("점심 뭐 먹지", [
      ["박준호", "오늘은 냉면 어때요?"],
      ["하늘", "좋아요! 12시에 1층에서 봐요"],
    ]);
    await tour.talk("random", [
      ["Grace", "Found a moth in the relay again."],
      ["Tomás", "Did you tape it into the logbook?"],
      ["Grace", "Of course."],
    ]);
    await tour.talk("릴리스 준비", [
      ["이서연", "체크리스트 올려 뒀어요. 금요일까지 확인 부탁드려요."],
    ]);
    await tour.talk("문서", [
      [
        "박준호",
        "## 배포 순서\n**먼저(꼭)**입니다: `make check`\n1. 태그를 달고\n2. ~~손으로~~ 이미지를 올려요\n\n> 금요일에는 하지 않아요\n\n[안내](https://example.org/guide)",
      ],
      ["박준호", "🎉"],
      [
        "Grace",
        "```rust\n/// Where the moth was found.\nfn relay() -> u32 {\n    70 // of panel F\n}\n```\n| panel | relay |\n|:--|--:|\n| F | 70 |",
      ],
    ]);
    await tour.talk("디자인", [
      ["김민지", "안녕하세요, 새 방 목록 시안이에요. 방마다 마루 널빤지 하나씩 놓아 봤어요."],
      ["김민지", "읽지 않은 메시지가 있으면 널빤지가 초록으로 바뀌어요."],
      ["Ada Lovelace", "I like the boards! Does the colour hold up in dark mode?"],
      ["박준호", "다크 모드에서도 대비 4.5:1 넘는 것 확인했습니다."],
      ["박준호", "https://www.w3.org/TR/WCAG22/#contrast-minimum 기준이에요."],
      [
        "Ada Lovelace",
        "Great. Two small things:\n1. the badge should line up with the baseline of the name\n2. long names need an ellipsis, e.g. “international-conference-planning”",
      ],
      ["하늘", "저는 사람 목록이 오른쪽에 있는 게 편해요 👍"],
      ["이서연", "휴대폰에서는 서랍으로 열리는 거죠?"],
      ["김민지", "네, 왼쪽은 방 목록이고 오른쪽은 사람들이에요."],
    ]);
    await bringFiles(world.server.http, (name) => tour.guest(name));
    return tour;
  }

  private guest(name: string): Wire {
    const guest = this.guests.get(name);
    if (guest === undefined) throw new Error(`${name} is no guest`);
    return guest;
  }

  private async talk(room: string, lines: readonly (readonly [string, string])[]): Promise<void> {
    for (const [name, body] of lines) {
      const guest = this.guests.get(name);
      await guest?.enter(room);
      await guest?.say(room, [body]);
    }
  }

  private typing(on: boolean): void {
    this.guests.get("김민지")?.typing("디자인", on);
    this.guests.get("Ada Lovelace")?.typing("디자인", on);
  }

  /** Somebody's first visit, from the name to the settings; they end in a room. */
  async walk(tourist: Tourist, look: Look): Promise<Person> {
    const { name, locale, scheme, phone } = tourist;
    const person = await this.world.person(name, {
      at: this.site.address,
      locale,
      colorScheme: scheme,
      ...(phone ? { ...PHONE, deviceScaleFactor: 2 } : { viewport: DESKTOP }),
    });
    await person.visit();
    await until("the dialog shows", () => person.by("name-dialog").isVisible());
    await look(person, "1-name");
    await person.nameThemselves();
    await until("the rooms show", () => person.by("directory-item").first().isVisible());
    await look(person, "2-rooms");
    await this.inRooms(person, tourist, look);
    await this.newRoom(person, tourist, look);
    if (phone) await person.by("open-rooms").tap();
    await person.by("settings").click();
    await until("it opens", () => person.by("settings-dialog").isVisible());
    await look(person, "9-settings");
    await person.by("open-shortcuts").click();
    await until("it opens", () => person.by("shortcuts-dialog").isVisible());
    await look(person, "e-shortcuts");
    await person.page.keyboard.press("Escape");
    await this.switcher(person, look);
    await person.visit("디자인");
    await person.isIn("디자인");
    return person;
  }

  private async inRooms(person: Person, { locale, phone }: Tourist, look: Look): Promise<void> {
    for (const room of ["random", "점심 뭐 먹지", "디자인"]) {
      await person.visit(room);
      await person.isIn(room);
    }
    await person.say(
      locale === "ko-KR"
        ? "저도 좋아요. 내일 같이 볼까요?"
        : "Looks lovely. Shall we go through it tomorrow?",
    );
    await this.talk("random", [
      ["Tomás", "And then it flew away?"],
      ["Grace", "…"],
    ]);
    this.typing(true);
    await sees(() => person.by("typing").getAttribute("data-on"), "true");
    await look(person, "3-room");
    this.typing(false);
    await lookAtTalk(person, look);
    await this.written(person, look);
    await lookAtSearch(person, look);
    await lookAtFiles(person, look);
    await person.visit("디자인");
    await person.isIn("디자인");
    if (!phone) return;
    await person.by("open-rooms").tap();
    await look(person, "4-rooms-drawer");
    await person.page.keyboard.press("Escape");
    await person.by("toggle-people").tap();
    await look(person, "5-people-drawer");
    await person.page.keyboard.press("Escape");
  }

  /** What bodies can hold, and the emoji. */
  private async written(person: Person, look: Look): Promise<void> {
    await person.visit("문서");
    await person.isIn("문서");
    await sees(() => person.by("code").getAttribute("data-lit"), "true");
    await look(person, "c-bodies");
    await person.by("emoji-open").click();
    await until("the emoji show", () => person.by("emoji-grid").isVisible());
    await look(person, "d-emoji");
    await person.page.keyboard.press("Escape");
    await person.visit("디자인");
    await person.isIn("디자인");
  }

  /** By the beginning of a name, and by initial consonants. */
  private async switcher(person: Person, look: Look): Promise<void> {
    await person.hasKeys();
    await person.page.keyboard.press("Control+k");
    await until("it opens", () => person.by("switcher-input").isVisible());
    await look(person, "f-switcher");
    await person.page.keyboard.insertText("ㄷㅈ");
    await until("it is found", () => person.by("switcher-option").first().isVisible());
    await look(person, "g-switcher-found");
    await person.page.keyboard.press("Escape");
  }

  private async newRoom(person: Person, { name }: Tourist, look: Look): Promise<void> {
    await person.visit("아직 없는 방");
    await until("it says so", () => person.by("refused").isVisible());
    await look(person, "6-no-such-room");
    await person.by("create-here").click();
    await look(person, "7-create");
    await person.by("create-input").fill(`quiet ${name}`);
    await person.by("create-submit").click();
    await until("it is quiet", () => person.by("room-empty").isVisible());
    await look(person, "8-empty-room");
  }

  /** The server is gone, with a message on its way. */
  async lose(people: readonly { person: Person; tourist: Tourist }[], look: Look): Promise<void> {
    await this.world.server.kill();
    for (const { person, tourist } of people) {
      await until("the banner shows", () => person.banner.isVisible());
      await person.say(
        tourist.locale === "ko-KR"
          ? "끊겼네요. 다시 연결되면 보내질 거예요."
          : "Gone again? This one will wait.",
      );
      await until("it counts down", async () =>
        /\d/.test((await person.banner.textContent()) ?? ""),
      );
      await look(person, "a-banner");
      const findings = person.banner.getByTestId("findings");
      await until("it is known why", () => findings.isVisible());
      await findings.locator("summary").click();
      await look(person, "h-doctor");
    }
    this.world.forgiveNetworkErrors();
  }

  /** The page can't start at all. */
  async misconfigure(person: Person, look: Look): Promise<void> {
    this.site.config = null;
    await person.page.reload();
    await until("it says so", () => person.by("fatal").isVisible());
    await look(person, "b-fatal");
    this.world.forgiveNetworkErrors();
  }
}

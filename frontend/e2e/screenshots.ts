// Fills a server with a conversation and draws the page as people see it:
//   npm run screenshots -- <folder>
// Not a test; to be looked at.

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { closeBrowser, DESKTOP, PHONE, World } from "./support/world.js";
import type { Person } from "./support/person.js";
import { sees, until } from "./support/until.js";
import type { Wire } from "./support/wire.js";

const folder = resolve(process.argv[2] ?? "test-results/screenshots");
mkdirSync(folder, { recursive: true });

const world = new World();
const site = await world.startApart();

async function shoot(person: Person, name: string): Promise<void> {
  await until("nothing moves", () => person.isStill());
  await person.page.screenshot({ path: join(folder, `${name}.png`) });
}

const guests = new Map<string, Wire>();
for (const name of ["김민지", "Ada Lovelace", "박준호", "Grace", "하늘", "이서연", "Tomás"]) {
  guests.set(name, await world.guest(name));
}

async function talk(room: string, lines: readonly (readonly [string, string])[]): Promise<void> {
  for (const [name, body] of lines) {
    const guest = guests.get(name);
    await guest?.enter(room);
    await guest?.say(room, [body]);
  }
}

await talk("점심 뭐 먹지", [
  ["박준호", "오늘은 냉면 어때요?"],
  ["하늘", "좋아요! 12시에 1층에서 봐요"],
]);
await talk("random", [
  ["Grace", "Found a moth in the relay again."],
  ["Tomás", "Did you tape it into the logbook?"],
  ["Grace", "Of course."],
]);
await talk("릴리스 준비", [["이서연", "체크리스트 올려 뒀어요. 금요일까지 확인 부탁드려요."]]);
await talk("디자인", [
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

/** A visit of somebody who reads and writes in every room there is. */
async function visitor(
  name: string,
  locale: string,
  colorScheme: "light" | "dark",
  phone: boolean,
) {
  const options = phone ? { ...PHONE, deviceScaleFactor: 2 } : { viewport: DESKTOP };
  return world.person(name, { at: site.address, locale, colorScheme, ...options });
}

async function drawAs(name: string, locale: string, scheme: "light" | "dark", phone: boolean) {
  const label = `${phone ? "phone" : "desktop"}-${scheme}-${locale.slice(0, 2)}`;
  const person = await visitor(name, locale, scheme, phone);
  await person.visit();
  await until("the dialog shows", () => person.by("name-dialog").isVisible());
  await shoot(person, `${label}-1-name`);
  await person.nameThemselves();
  await until("the rooms show", () => person.by("directory-item").first().isVisible());
  await shoot(person, `${label}-2-rooms`);
  for (const room of ["random", "점심 뭐 먹지", "디자인"]) {
    await person.visit(room);
    await person.isIn(room);
  }
  await person.say(
    locale === "ko-KR"
      ? "저도 좋아요. 내일 같이 볼까요?"
      : "Looks lovely. Shall we go through it tomorrow?",
  );
  await talk("random", [
    ["Tomás", "And then it flew away?"],
    ["Grace", "…"],
  ]);
  guests.get("김민지")?.typing("디자인", true);
  guests.get("Ada Lovelace")?.typing("디자인", true);
  await sees(() => person.by("typing").getAttribute("data-on"), "true");
  await shoot(person, `${label}-3-room`);
  guests.get("김민지")?.typing("디자인", false);
  guests.get("Ada Lovelace")?.typing("디자인", false);
  if (phone) {
    await person.by("open-rooms").tap();
    await shoot(person, `${label}-4-rooms-drawer`);
    await person.page.keyboard.press("Escape");
    await person.by("toggle-people").tap();
    await shoot(person, `${label}-5-people-drawer`);
    await person.page.keyboard.press("Escape");
  }
  await person.visit("아직 없는 방");
  await until("it says so", () => person.by("refused").isVisible());
  await shoot(person, `${label}-6-no-such-room`);
  await person.by("create-here").click();
  await shoot(person, `${label}-7-create`);
  await person.by("create-input").fill(`quiet ${label}`);
  await person.by("create-submit").click();
  await until("it is quiet", () => person.by("room-empty").isVisible());
  await shoot(person, `${label}-8-empty-room`);
  if (phone) await person.by("open-rooms").tap();
  await person.by("settings").click();
  await shoot(person, `${label}-9-settings`);
  await person.page.keyboard.press("Escape");
  await person.visit("디자인");
  return { person, label };
}

try {
  const all = [
    await drawAs("윤슬", "ko-KR", "light", false),
    await drawAs("Mary Shaw", "en-US", "dark", false),
    await drawAs("도윤", "ko-KR", "dark", true),
    await drawAs("Barbara", "en-US", "light", true),
  ];
  await world.server.kill();
  for (const { person, label } of all) {
    await until("the banner shows", () => person.banner.isVisible());
    await person.say(
      label.endsWith("ko")
        ? "끊겼네요. 다시 연결되면 보내질 거예요."
        : "Gone again? This one will wait.",
    );
    await until("it counts down", async () => /\d/.test((await person.banner.textContent()) ?? ""));
    await until("the clock shows", () => person.isStill());
    await shoot(person, `${label}-a-banner`);
  }
  site.config = null;
  for (const { person, label } of all.slice(0, 1)) {
    await person.page.reload();
    await until("it says so", () => person.by("fatal").isVisible());
    await shoot(person, `${label}-b-fatal`);
  }
} finally {
  await world.end();
  await closeBrowser();
}

import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "emoji.open": "이모지 넣기",

  "emoji.title": "이모지",
  "emoji.search": "이모지 찾기",
  "emoji.loading": "불러오고 있어요…",
  "emoji.categories": "종류",
  "emoji.none": "이런 이름의 이모지가 없어요.",
  "emoji.found": { other: "이모지 {count}개" },
  "emoji.recent": "최근에 쓴 이모지",
  "emoji.smileys": "표정과 감정",
  "emoji.people": "사람",
  "emoji.nature": "동물과 자연",
  "emoji.food": "음식과 음료",
  "emoji.travel": "여행과 장소",
  "emoji.activities": "활동",
  "emoji.objects": "사물",
  "emoji.symbols": "기호",
  "emoji.flags": "깃발",
};

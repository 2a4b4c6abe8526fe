import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "switcher.title": "방으로 바로 가기",
  "switcher.placeholder": "방 이름이나 초성",
  "switcher.results": "방",
  "switcher.count": { other: "방 {count}개" },
  "switcher.none": "이런 이름의 방이 없어요.",
  "switcher.empty": "아직 다른 방이 없어요. 이름을 적으면 새로 만들 수 있어요.",
  "switcher.here": "지금 보는 방",
  "switcher.draft": "쓰던 글",
  "switcher.unread": { other: "안 읽음 {count}개" },
  "switcher.people": { other: "{count}명" },
  "switcher.create": "“{room}” 방 만들기",
  "switcher.hint": "↑ ↓로 고르고 Enter로 열고 Esc로 닫아요",
};

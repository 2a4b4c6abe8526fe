import type { Strings } from "../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "rooms.found": "검색 결과",
  "rooms.more": "방 더 보기",
  "rooms.none.found.lead": "이런 이름의 방이 없어요. 새로 만들 수 있어요.",
  "rooms.none.found": "이런 이름의 방이 없어요.",
  "rooms.none.all": "아직 다른 방이 없어요.",
  "create.offer": "“{room}” 방 만들기",
  "rooms.people": { other: "{count}명" },
};

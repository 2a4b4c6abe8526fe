import type { Strings } from "../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "refused.room_not_found.title": "“{room}” 방이 없어요",
  "refused.room_not_found.lead":
    "지금 만들 수 있어요. 이 링크를 가진 사람은 누구나 찾아올 수 있어요.",
  "refused.name_taken.title": "비슷한 이름을 쓰는 사람이 있어요",
  "refused.name_taken.lead":
    "한 방에서는 이름을 쉽게 구별할 수 있어야 해요. {room} 방에 들어가려면 다른 이름을 골라 주세요.",
  "refused.other.title": "{room} 방에 들어갈 수 없어요",
  "refused.create": "“{room}” 방 만들기",
  "refused.retry": "다시 시도",
  "refused.rename": "이름 바꾸기",
  "refused.back": "방 목록으로",
  "room.sample": "{count}명 가운데 {shown}명만 보여요.",
};

import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "create.title": "새 방 만들기",
  "create.lead": "누구나 찾아서 들어올 수 있어요.",
  "create.label": "방 이름",
  "create.placeholder": "예: 디자인",
  "create.cancel": "취소",
  "create.submit": "방 만들기",
  "create.empty": "글자나 숫자를 하나 이상 입력해 주세요.",
  "create.too_long": "64자까지 쓸 수 있어요.",
  "create.forbidden": "글자, 숫자, 공백, -, _ 만 쓸 수 있어요.",
};

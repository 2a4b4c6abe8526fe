import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "about.title": "{room} 방 소개",
  "about.lead": "방에 있는 모두가 보고 고칠 수 있어요.",
  "about.topic": "주제",
  "about.topic.placeholder": "무엇을 하는 방인가요?",
  "about.description": "설명",
  "about.description.placeholder": "링크, 규칙, 물어볼 사람 …",
  "about.cancel": "취소",
  "about.submit": "저장",
  "about.forbidden": "저장할 수 없는 문자가 들어 있어요.",

  "pinned.title": "고정한 메시지",
  "pinned.none": "고정한 메시지가 없어요.",
  "pinned.loading": "불러오고 있어요…",
  "pinned.failed": "고정한 메시지를 불러오지 못했어요. {why}",
  "pinned.show": "보기",
  "pinned.close": "닫기",
};

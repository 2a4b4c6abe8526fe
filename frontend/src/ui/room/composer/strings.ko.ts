import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "typing.one": "{a} 님이 입력하고 있어요…",
  "typing.two": "{a} 님, {b} 님이 입력하고 있어요…",
  "typing.many": "여러 사람이 입력하고 있어요…",

  "reply.to": "{name} 님에게 답장",
  "reply.cancel": "답장하지 않기",
  "edit.title": "메시지 고치기",
  "edit.hint": "Enter로 저장하고 Esc로 취소해요",
  "edit.cancel": "고치기 취소",

  "mention.label": "언급할 사람",
  "mention.count": { other: "언급할 수 있는 사람 {count}명" },
  "mention.away": "자리 비움",
};

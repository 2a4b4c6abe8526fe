import type { Text } from "../i18n/en";
import type { TalkKey } from "./text-en";

export const talkKo: Readonly<Record<TalkKey, Text>> = {
  "typing.one": "{a} 님이 입력하고 있어요…",
  "typing.two": "{a} 님, {b} 님이 입력하고 있어요…",
  "typing.many": "여러 사람이 입력하고 있어요…",

  toolbar: "이 메시지로 할 수 있는 일",
  more: "더 보기",
  "react.with": "{emoji} 반응 남기기",
  "deed.react": "반응 남기기",
  "deed.reply": "답장",
  "deed.edit": "고치기",
  "deed.copy": "텍스트 복사",
  "deed.link": "링크 복사",
  "deed.pin": "방에 고정",
  "deed.unpin": "고정 풀기",
  "deed.delete": "지우기",
  copied: "텍스트를 복사했어요.",
  not_copied: "브라우저가 복사를 허용하지 않아요. 텍스트를 직접 선택해 주세요.",

  "reply.to": "{name} 님에게 답장",
  "reply.cancel": "답장하지 않기",
  "edit.title": "메시지 고치기",
  "edit.hint": "Enter로 저장하고 Esc로 취소해요",
  "edit.cancel": "고치기 취소",

  "delete.title": "이 메시지를 지울까요?",
  "delete.lead": "모두에게서 지워지고, 되돌릴 수 없어요.",
  "delete.submit": "지우기",

  "mention.label": "언급할 사람",
  "mention.count": { other: "언급할 수 있는 사람 {count}명" },
  "mention.away": "자리 비움",

  "about.title": "{room} 방 소개",
  "about.lead": "방에 있는 모두가 보고 고칠 수 있어요.",
  "about.topic": "주제",
  "about.topic.placeholder": "무엇을 하는 방인가요?",
  "about.description": "설명",
  "about.description.placeholder": "링크, 규칙, 물어볼 사람 …",
  "about.submit": "저장",
  "about.forbidden": "저장할 수 없는 문자가 들어 있어요.",

  "pinned.title": "고정한 메시지",
  "pinned.none": "고정한 메시지가 없어요.",
  "pinned.loading": "불러오고 있어요…",
  "pinned.failed": "고정한 메시지를 불러오지 못했어요. {why}",
  "pinned.show": "보기",
  "pinned.close": "닫기",

  "undone.edit": "고친 내용을 저장하지 못했어요. {why}",
  "undone.delete": "메시지를 지우지 못했어요. {why}",
  "undone.reaction": "반응을 저장하지 못했어요. {why}",
  "undone.pin": "고정한 메시지를 바꾸지 못했어요. {why}",
  "undone.topic": "주제를 바꾸지 못했어요. {why}",
};

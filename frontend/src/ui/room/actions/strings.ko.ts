import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
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

  "delete.title": "이 메시지를 지울까요?",
  "delete.lead": "모두에게서 지워지고, 되돌릴 수 없어요.",
  "delete.submit": "지우기",

  "undone.edit": "고친 내용을 저장하지 못했어요. {why}",
  "undone.delete": "메시지를 지우지 못했어요. {why}",
  "undone.reaction": "반응을 저장하지 못했어요. {why}",
  "undone.pin": "고정한 메시지를 바꾸지 못했어요. {why}",
  "undone.topic": "주제를 바꾸지 못했어요. {why}",
};

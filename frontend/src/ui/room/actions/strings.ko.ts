import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  toolbar: "이 메시지로 할 수 있는 일",
  more: "더 보기",
  "react.with": "{emoji} 반응 남기기",
  "action.react": "반응 남기기",
  "action.reply": "답장",
  "action.edit": "고치기",
  "action.copy": "텍스트 복사",
  "action.link": "링크 복사",
  "action.pin": "방에 고정",
  "action.unpin": "고정 풀기",
  "action.delete": "지우기",
  copied: "텍스트를 복사했어요.",
  not_copied: "브라우저가 복사를 허용하지 않아요. 텍스트를 직접 선택해 주세요.",

  "delete.title": "이 메시지를 지울까요?",
  "delete.lead": "모두에게서 지워지고, 되돌릴 수 없어요.",
  "delete.cancel": "취소",
  "delete.submit": "지우기",

  "rejected.edit": "고친 내용을 저장하지 못했어요. {why}",
  "rejected.delete": "메시지를 지우지 못했어요. {why}",
  "rejected.reaction": "반응을 저장하지 못했어요. {why}",
  "rejected.pin": "고정한 메시지를 바꾸지 못했어요. {why}",
  "rejected.topic": "주제를 바꾸지 못했어요. {why}",
};

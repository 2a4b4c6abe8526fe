import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "log.empty.title": "{room} 방은 아직 조용해요",
  "log.empty.lead": "첫 메시지를 남겨 보세요.",
  "log.jump": "최신 메시지로 가기",
  "log.jump.new": { other: "새 메시지 {count}개" },
  news: "새 메시지 {count}개",
  "news.since": "새 메시지 {count}개 · {time}~",
  "news.read": "읽음으로 표시",
  "message.retry": "다시 보내기",
  "message.retry.text": "글만 보내기",
  "message.discard": "지우기",
  "announce.message": "{name} 님: {body}",
  "announce.many": { other: "{room} 방에 새 메시지 {count}개" },

  "reaction.label": "반응 {emoji}: {who}",
  "reaction.more": { other: "외 {count}명" },
  "reaction.add": "반응 남기기",
  "note.topic": "{name} 님이 주제를 바꿨어요: {topic}",
  "note.topic.none": "{name} 님이 주제를 지웠어요",
  "note.pin": "{name} 님이 메시지를 고정했어요.",
  "note.pin.show": "보기",
  "room.you": "나",
};

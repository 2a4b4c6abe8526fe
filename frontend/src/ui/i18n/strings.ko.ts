import type { Strings } from "./i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "app.skip": "메시지 입력창으로 건너뛰기",

  "rooms.title": "방",
  "rooms.mine": "내 방",
  "rooms.all": "모든 방",
  "rooms.search": "방 찾기",
  "rooms.new": "새 방",
  "rooms.none": "아직 들어간 방이 없어요.",
  "rooms.switcher": "방으로 바로 가기",
  "rooms.none.lead": "아래에서 고르거나 새 방을 만들어 보세요.",
  "rooms.unread": { other: "안 읽은 메시지 {count}개" },
  "rooms.mentions": { other: "나를 부른 메시지 {count}개" },
  "rooms.draft": "보내지 않은 글",
  "rooms.open": "방 목록 열기",
  "rooms.close": "방 목록 닫기",

  "room.people": "사람들",
  "room.people.show": "사람들 보기",
  "room.people.hide": "사람들 숨기기",
  "room.leave": "방 나가기",
  "room.copy": "방 링크 복사",
  "room.copied": "링크를 복사했어요.",
  "room.left": "{room} 방에서 나왔어요.",
  "room.here": { other: "지금 {count}명" },
  "room.joining": "방에 들어가고 있어요…",
  "room.topic.change": "주제와 설명",
  "room.topic.add": "주제 쓰기",
  "room.pinned": { other: "고정한 메시지: {count}" },

  "log.label": "{room} 방의 메시지",
  "log.start.title": "{room} 방은 여기서 시작해요",
  "log.start.lead": "아래가 첫 메시지예요.",
  "log.new": "새 메시지",
  "log.loading": "지난 메시지를 불러오고 있어요…",
  "log.today": "오늘",
  "log.yesterday": "어제",

  "message.label": "{name} 님: {body}, {time}",
  "message.nowhere": "이 메시지를 찾을 수 없어요.",
  "message.pending": "보내고 있어요…",
  "message.waiting": "다시 연결되면 보내요",
  "message.failed": "보내지 못했어요.",

  "search.open": "메시지 검색",
  "message.deleted": "지운 메시지예요.",
  "message.edited": "고침",
  "message.edited.at": "고친 시각: {time}",
  "message.changing": "바꾼 내용을 보내고 있어요.",

  "quote.label": "{name} 님에게 보낸 답장: {body}",
  "quote.show": "그 메시지로 가기",
  "quote.files": "파일",

  "composer.label": "{room} 방에 보낼 메시지",
  "composer.placeholder": "{room} 방에 메시지 보내기",
  "composer.send": "메시지 보내기",
  "composer.left": { other: "{count}자 남았어요" },
  "composer.over": { other: "{count}자 넘었어요" },
  "composer.hint": "Enter로 보내고 Shift + Enter로 줄을 바꿔요",
  "composer.edit": "메시지 고치기",
  "composer.save": "고친 내용 저장",
  "composer.forbidden": "보낼 수 없는 제어 문자가 들어 있어요.",

  "settings.open": "설정",
  "part.failed": "페이지의 일부를 불러오지 못했어요. 네트워크를 확인해 주세요.",

  "error.other": "서버가 거절했어요: {message}",
};

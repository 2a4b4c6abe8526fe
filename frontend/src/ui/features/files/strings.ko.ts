import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "file.attach": "파일 첨부",

  "file.broken": "사진을 불러오지 못했어요. 다시 시도",

  "file.unsolved": "올리지 못한 파일이 있어요.",
  "file.without": "빼고 보내기",
  "tray.label": "첨부한 파일",
  "tray.waiting": "기다리고 있어요…",
  "tray.sending": "전체 {size}, {percent}",
  "tray.finishing": "마무리하고 있어요…",
  "tray.progress": "올리는 중: {name}",
  "tray.remove": "첨부 빼기: {name}",
  "tray.cancel": "올리기 취소: {name}",
  "tray.retry": "다시 올리기: {name}",
  "tray.failed": "올리지 못했어요. {why}",
  "tray.status.ready": { other: "첨부한 파일 {count}개" },
  "tray.status.sending": { other: "파일 {count}개를 올리고 있어요" },
  "tray.status.failed": { other: "파일 {count}개를 올리지 못했어요" },
  "tray.lost": {
    other: "페이지를 닫을 때 다 올리지 못한 파일이 {count}개 있어요: {names}. 다시 첨부해 주세요.",
  },
  "tray.lost.close": "확인",
  "drop.here": "여기에 놓으면 첨부돼요",
  "drop.room": "{room} 방에 보내는 다음 메시지와 함께 가요.",

  "refused.too_large": {
    other: "파일 {count}개가 너무 커요. 한도: {size}, 파일: {name}",
  },
  "refused.empty": { other: "빈 파일 {count}개는 첨부할 수 없어요: {name}" },
  "refused.too_many": "한 메시지에는 파일을 {most}개까지 첨부할 수 있어요. 나머지는 뺐어요.",
  "refused.folder": "폴더는 첨부할 수 없어요. 먼저 압축해 주세요.",
  "refused.disabled": "이 서버는 파일을 받지 않아요.",

  "why.disconnected": "서버에 연결할 수 없어요.",
  "why.rate_limited": "한꺼번에 많이 올렸어요. 잠시 기다려 주세요.",
  "why.overloaded": "서버가 바빠요.",
  "why.unavailable": "지금은 서버가 파일을 저장하지 못해요.",
  "why.shutting_down": "서버가 다시 시작하고 있어요.",
  "why.file_too_large": "이 서버가 받는 크기보다 커요.",
  "why.empty_file": "빈 파일이에요.",
  "why.type_refused": "이 서버가 받지 않는 종류예요.",
  "why.files_disabled": "이 서버는 파일을 받지 않아요.",
  "why.storage_full": "서버에 남은 공간이 없어요.",
  "why.too_slow": "연결이 너무 느렸어요.",
  "why.broken_off": "연결이 끊겼어요.",
  "why.invalid_token": "서버가 더는 알아보지 못해요.",
  "why.room_not_found": "이제 없는 방이에요.",
  "why.room_renamed": "방의 이름이 바뀌었어요. 다시 시도해 주세요.",
  "why.forbidden": "이 방에는 쓸 수 없어요.",
  "why.other": "서버가 거절했어요({message}).",

  "view.title": "사진 {at}/{count}",
  "view.next": "다음 사진",
  "view.previous": "이전 사진",
  "view.open": "원본 열기",
  "view.download": "내려받기",
  "view.close": "닫기",
  "view.broken": "이 사진을 불러올 수 없어요.",
};

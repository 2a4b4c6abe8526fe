import type { Text } from "../i18n/en";
import type { ShellKey } from "./text-en";

export const shellKo: Readonly<Record<ShellKey, Text>> = {
  "welcome.title": "{name} 님, 반가워요",
  "welcome.lead": "들어갈 방을 고르거나 새 방을 만들어 보세요.",
  "welcome.first": "아직 방이 없어요. 첫 번째 방을 만들어 보세요!",

  "app.tagline": "방과 방을 잇는 열린 마루",
  "name.title": "어떻게 불러 드릴까요?",
  "name.lead": "모든 방에서 이 이름으로 보여요. 나중에 바꿀 수 있어요.",
  "name.rename.title": "이름 바꾸기",
  "name.rename.lead": "다음 메시지부터 새 이름으로 보여요.",
  "name.label": "이름",
  "name.placeholder": "예: 민지",
  "name.submit": "들어가기",
  "name.rename.submit": "이름 저장",
  "name.waiting": "연결하고 있어요…",
  "name.unreachable": "지금은 서버에 연결할 수 없어요. 다시 연결되면 바로 들어가요.",
  "name.empty": "눈에 보이는 글자를 하나 이상 입력해 주세요.",
  "name.too_long": "40자까지 쓸 수 있어요.",
  "name.forbidden": "표시할 수 없는 문자가 들어 있어요. 지우고 다시 시도해 주세요.",
  "connection.none": "지금은 서버에 연결되어 있지 않아요.",
  "connection.connecting": "연결하고 있어요…",
  "connection.waiting": { other: "연결이 끊겼어요. {count}초 뒤에 다시 시도해요." },
  "connection.offline": "오프라인이에요. 다시 연결되면 메시지를 보내요.",
  "connection.retry": "지금 연결",
  "connection.stopped": "연결이 끝났어요: {reason}",
  "connection.stopped.unsupported_version":
    "이 페이지와 서버의 버전이 달라요. 페이지를 새로고침해 주세요.",
  "connection.stopped.too_many_errors":
    "오류가 너무 많아 서버가 연결을 끊었어요. 페이지를 새로고침해 주세요.",
  "connection.stopped.address": "서버 주소를 쓸 수 없어요: {reason}",
  "connection.reload": "새로고침",
};

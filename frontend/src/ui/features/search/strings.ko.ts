import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "search.title": "검색",
  "search.field": "메시지 검색",
  "search.clear": "검색어 지우기",
  "search.close": "검색 닫기",
  "search.scope": "어디에서 찾을까요?",
  "search.scope.room": "이 방",
  "search.scope.all": "내 모든 방",
  "search.results": "검색 결과",
  "search.in": "{room} 방",
  "search.empty": "지난 대화를 찾아보세요",
  "search.empty.lead":
    "낱말의 일부만 입력해도 돼요. 여러 낱말을 쓰면 모두 들어 있는 메시지를 찾아요.",
  "search.short": "한 글자는 거의 모든 메시지에 있어요. 한 글자만 더 입력해 주세요.",
  "search.long": "검색어는 {most}자까지 쓸 수 있어요.",
  "search.searching": "찾고 있어요…",
  "search.none": "찾은 메시지가 없어요",
  "search.none.room": "{room} 방에는 이 낱말이 모두 들어 있는 메시지가 없어요.",
  "search.none.all": "내 방 어디에도 이 낱말이 모두 들어 있는 메시지가 없어요.",
  "search.none.widen": "내 모든 방에서 찾기",
  "search.failed": "검색하지 못했어요. {why}",
  "search.retry": "다시 시도",
  "search.more": "더 보기",
  "search.found": { other: "검색 결과 {count}개" },
  "search.found.more": { other: "검색 결과 {count}개, 더 있어요" },
  "search.files": { other: "파일 {count}개" },
  "search.keys": "↑ ↓로 고르고 Enter로 그 자리를 봐요",
};

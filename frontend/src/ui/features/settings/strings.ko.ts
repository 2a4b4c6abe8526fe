import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "settings.title": "설정",
  "settings.close": "닫기",
  "settings.rename": "이름 바꾸기",
  "settings.language": "언어",
  "settings.theme": "화면 테마",
  "settings.theme.system": "시스템",
  "settings.theme.light": "밝게",
  "settings.theme.dark": "어둡게",
  "settings.density": "간격",
  "settings.density.comfortable": "넉넉하게",
  "settings.density.compact": "촘촘하게",
  "settings.notifications": "알림",
  "settings.notifications.all": "모든 메시지",
  "settings.notifications.mentions": "멘션만",
  "settings.notifications.none": "받지 않기",
  "settings.notifications.lead": "방을 보고 있지 않을 때, 탭이 여러 개여도 한 번만 알려요.",
  "settings.notifications.default": "아직 브라우저가 알림을 허용하지 않았어요.",
  "settings.notifications.allow": "알림 허용하기",
  "settings.notifications.denied":
    "브라우저가 이 페이지의 알림을 막고 있어요. 브라우저의 사이트 설정에서 허용해 주세요.",
  "settings.notifications.unsupported":
    "알림은 https로 연 페이지에서, 알림을 지원하는 브라우저에서만 쓸 수 있어요.",
  "settings.shortcuts": "키보드 단축키",
  "settings.server": "서버",
};

import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "fatal.title": "마루를 시작할 수 없어요",
  "fatal.config.missing":
    "이 페이지 옆의 config.json 파일을 불러오지 못했어요({detail}). 사이트 운영자가 이 파일에 채팅 서버 주소를 적어 두어야 해요.",
  "fatal.config.broken":
    "이 페이지 옆의 config.json 파일이 올바르지 않아요: {detail}. 이런 모양이어야 해요: {example}",
  "fatal.json": "JSON이 아니에요",
  "fatal.object": "객체가 아니에요",
  "fatal.text": "“server”가 문자열이 아니에요",
  "fatal.relative": "“server”는 ws:, wss:, / 가운데 하나로 시작해야 해요(지금 값: {given})",
  "fatal.address": "“server”가 주소가 아니에요(지금 값: {given})",
  "fatal.scheme": "“server”는 ws:나 wss:로 시작해야 해요(지금 값: {given})",
  "fatal.retry": "다시 시도",
};

import type { Strings } from "../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "code.label": "코드",
  "code.copy": "코드 복사",
  "code.copied": "코드를 복사했어요.",
  "code.not_copied": "브라우저가 복사를 허용하지 않아요. 코드를 직접 선택해 주세요.",
};

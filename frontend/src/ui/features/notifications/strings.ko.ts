import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "notify.title": "{room} 방 · {name} 님",
  "notify.more": { other: "외 {count}개" },
};

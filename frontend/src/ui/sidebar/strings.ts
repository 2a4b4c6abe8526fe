import { translated } from "../i18n/i18n";
import { en } from "./strings.en";
import { ko } from "./strings.ko";

/** Of the lists that come after the first page. */
export const sidebarText = translated({ ko, en });

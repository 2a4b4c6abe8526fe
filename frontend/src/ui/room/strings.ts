import { translated } from "../i18n/i18n";
import { en } from "./strings.en";
import { ko } from "./strings.ko";

export const roomText = translated({ ko, en });

import type { Message } from "../../protocol/generated";
import { excerpt } from "./excerpt";

/** A message on one line, for whoever hears of it elsewhere: its text, or what it carries. */
export function messageSummary(
  { body = "", files = [] }: Pick<Message, "body" | "files">,
  limit?: number,
): string {
  return body === "" ? files.map(({ name }) => name).join(", ") : excerpt(body, limit);
}

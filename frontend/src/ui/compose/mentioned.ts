import { MAX_MENTIONS } from "../../protocol/generated";
import type { User } from "../../protocol/generated";
import { mentionAt } from "../timeline/body/mentions";

/** Of these people, those whose `@name` is in a text. */
export function mentioned(text: string, people: readonly User[]): User[] {
  const found = new Map<string, User>();
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const user = mentionAt(text, at, people);
    if (user !== null) found.set(user.id, { id: user.id, name: user.name });
  }
  return [...found.values()].slice(0, MAX_MENTIONS);
}

import type { Message, User } from "../protocol/generated";
import { mentions } from "./fold";

/** Whether a message of somebody else's mentions this person: the one place that knows how. */
export function isMention(message: Pick<Message, "mentions" | "sender">, me: User | null): boolean {
  return me !== null && message.sender.id !== me.id && mentions(message, me.id);
}

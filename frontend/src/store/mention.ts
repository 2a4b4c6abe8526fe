import type { Message, User } from "../protocol/generated";

/** Letters and digits that go on with a name; Hangul doesn't, a particle may follow (`@Ada님`). */
const GOES_ON = /[\p{L}\p{N}_]/u;
const HANGUL = /\p{Script=Hangul}/u;

const folded = (text: string) => text.normalize("NFC").toLowerCase();

/** Whether a message calls this person: the one place that knows how. */
export function isMention(
  message: Pick<Message, "body" | "mentions" | "sender">,
  me: User | null,
): boolean {
  if (me === null || message.sender.id === me.id) return false;
  if (message.mentions?.some(({ id }) => id === me.id) === true) return true;
  // Who writes without a list of people to choose from means it all the same.
  return message.body !== undefined && callsByName(message.body, me.name);
}

function callsByName(text: string, name: string): boolean {
  const body = folded(text);
  const called = `@${folded(name)}`;
  for (let at = body.indexOf(called); at >= 0; at = body.indexOf(called, at + 1)) {
    const before = body.slice(0, at).at(-1) ?? "";
    const next = String.fromCodePoint(body.codePointAt(at + called.length) ?? 32);
    // "ada@example" is an address, "@adam" is somebody else.
    if (GOES_ON.test(before)) continue;
    if (!GOES_ON.test(next) || HANGUL.test(next)) return true;
  }
  return false;
}

import { useMemo } from "preact/hooks";
import { Lazy } from "../kit/lazy";
import { isEmojiOnly, isLinked, isSignificant } from "./detect";
import { Plain } from "./inline";
import type { Mention } from "./mentions";

/** The parser and what draws its tree: loaded with the first body that needs it. */
const markdown = new Lazy(() => import("./markdown"));

/** Korean breaks between words and sounds Korean, also in a page that speaks another language. */
const HANGUL = /\p{Script=Hangul}/u;
const NOBODY: readonly Mention[] = [];

interface Props {
  text: string;
  /** Whom the message speaks to; `@name` of one of them becomes a chip. */
  mentions?: readonly Mention[];
  /** The reader's id: being spoken to stands out. */
  me?: string | null;
}

/**
 * What somebody wrote, read as CommonMark. Most of what people write has no markup: that is drawn at
 * once. The rest is too, as plain text, when the parser is still on its way.
 */
export function MessageBody({ text, mentions = NOBODY, me = null }: Props) {
  const reader = isSignificant(text) || isLinked(text) ? markdown.get() : null;
  const blocks = useMemo(() => reader?.parse(text, mentions) ?? null, [reader, text, mentions]);
  const attributes = {
    "data-testid": "body",
    dir: "auto",
    ...(HANGUL.test(text) ? { lang: "ko" } : {}),
  } as const;
  if (reader !== null && blocks !== null) {
    return (
      <div class="body rich" {...attributes}>
        <reader.Blocks blocks={blocks} me={me} />
      </div>
    );
  }
  const Text = reader?.Linked ?? Plain;
  return (
    <p class="body" {...attributes} {...(isEmojiOnly(text) ? { "data-emoji": true } : {})}>
      <Text text={text} mentions={mentions} me={me} />
    </p>
  );
}

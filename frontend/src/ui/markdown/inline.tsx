import type { Mention } from "./mentions";
import { splitMentions } from "./mentions";

export function MentionChip({ mention, me }: { mention: Mention; me: string | null }) {
  return (
    <span class="mention" data-testid="mention" data-user={mention.id} data-me={mention.id === me}>
      @{mention.name}
    </span>
  );
}

export interface PlainProps {
  text: string;
  mentions: readonly Mention[];
  me: string | null;
}

/** Text and mentions, as vnodes: nothing a person writes is ever markup. */
export function Plain({ text, mentions, me }: PlainProps) {
  return (
    <>
      {splitMentions(text, mentions).map((part, index) =>
        typeof part === "string" ? part : <MentionChip key={index} mention={part} me={me} />,
      )}
    </>
  );
}

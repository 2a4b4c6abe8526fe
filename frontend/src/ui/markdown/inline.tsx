import type { ComponentChildren } from "preact";
import { linkify } from "./linkify";
import type { Mention } from "./mentions";
import { splitMentions } from "./mentions";

export interface LinkProps {
  href: string;
  /** Where a text stands for the address, the address is shown too. */
  titled?: boolean;
  children: ComponentChildren;
}

/** The one place that makes a link of what somebody wrote. */
export function Link({ href, titled = false, children }: LinkProps) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      {...(titled ? { title: href } : {})}
    >
      {children}
    </a>
  );
}

export function MentionChip({ mention, me }: { mention: Mention; me: string | null }) {
  return (
    <span class="mention" data-testid="mention" data-user={mention.id} data-me={mention.id === me}>
      @{mention.name}
    </span>
  );
}

interface PlainProps {
  text: string;
  mentions: readonly Mention[];
  me: string | null;
}

/** Text, links and mentions, as vnodes: nothing a person writes is ever markup. */
export function Plain({ text, mentions, me }: PlainProps) {
  return (
    <>
      {splitMentions(text, mentions).map((part, index) =>
        typeof part === "string" ? (
          linkify(part).map((run, at) =>
            run.href === null ? (
              run.text
            ) : (
              <Link key={`${index}.${at}`} href={run.href}>
                {run.text}
              </Link>
            ),
          )
        ) : (
          <MentionChip key={index} mention={part} me={me} />
        ),
      )}
    </>
  );
}

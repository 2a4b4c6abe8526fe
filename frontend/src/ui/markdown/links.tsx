import type { ComponentChildren } from "preact";
import { hashHere } from "../context/address";
import { MentionChip } from "./inline";
import type { PlainProps } from "./inline";
import { linkify } from "./linkify";
import { OwnLink } from "./own-link";
import { splitMentions } from "./mentions";

export interface LinkProps {
  href: string;
  /** Where a text stands for the address, the address is shown too. */
  titled?: boolean;
  children: ComponentChildren;
}

/** The one place that makes a link of what somebody wrote. */
export function Link({ href, titled = false, children }: LinkProps) {
  const hash = hashHere(href);
  if (hash !== null) {
    // Of this page: one goes there in place.
    return (
      <a href={hash} title={href} class="own-link" data-testid="own-link">
        {titled ? children : <OwnLink hash={hash} />}
      </a>
    );
  }
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

/** What the parser leaves as it was written: links and mentions are some in it, too. */
export function Linked({ text, mentions, me }: PlainProps) {
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

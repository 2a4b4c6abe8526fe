import { useMemo } from "preact/hooks";
import { useApp } from "../context/app-context";
import { IconButton } from "../kit/icon-button";
import { AnyIcon } from "../kit/more-icons";
import type { Lit } from "./highlight";
import { highlighterOf } from "./languages";
import { translated } from "../i18n/i18n";
import { en } from "./strings.en";
import { ko } from "./strings.ko";

const markdownText = translated({ ko, en });

/**
 * What is longer is shown without colours: a highlighter is many regular expressions, and their time
 * grows faster than the text for some. In UTF-16 units; a body has at most 4,000 characters.
 */
const MAX_HIGHLIGHTED = 4_000;

export function CodeBlock({ info, text }: { info: string; text: string }) {
  const { i18n, toasts } = useApp();
  const t = markdownText(i18n);
  // Without a language nothing is guessed.
  const known = text.length <= MAX_HIGHLIGHTED ? highlighterOf(info) : null;
  const highlight = known?.highlighter.get() ?? null;
  const lit = useMemo(() => highlight?.(text) ?? null, [highlight, text]);
  const label = known?.name ?? (info === "" ? t("code.label") : info);
  const copy = () => {
    copied(text).then(
      () => toasts.say(t("code.copied")),
      () => toasts.say(t("code.not_copied"), "error"),
    );
  };
  return (
    <div class="code" data-testid="code" data-lit={lit !== null}>
      <div class="code-head">
        <span class="code-language" dir="auto">
          {label}
        </span>
        <IconButton class="small" label={t("code.copy")} data-testid="code-copy" onClick={copy}>
          <AnyIcon name="copy" />
        </IconButton>
      </div>
      {/* It scrolls, so it can be reached by keyboard. */}
      <pre dir="ltr" tabIndex={0} aria-label={label} role="group">
        <code>{lit === null ? text : <Colours lit={lit} />}</code>
      </pre>
    </div>
  );
}

/** The clipboard exists on secure pages only. */
async function copied(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}

function Colours({ lit }: { lit: readonly Lit[] }) {
  return (
    <>
      {lit.map((part, index) =>
        part.colour === null ? (
          part.text
        ) : (
          <span key={index} data-colour={part.colour}>
            {part.text}
          </span>
        ),
      )}
    </>
  );
}

/** A run of a message: plain, or a link. */
export interface Run {
  text: string;
  href: string | null;
}

const URL_START = /https?:\/\/[^\s<>"'`]+/giu;
/** Punctuation that ends the sentence around a link rather than the link. */
const TRAILING = /[.,:;!?…。、！？)\]}»”’]+$/u;

/** Finds http(s) links. Nothing else ever becomes one: no `javascript:`, no `data:`. */
export function linkify(text: string): Run[] {
  const runs: Run[] = [];
  let end = 0;
  const plain = (until: number) => {
    if (until > end) runs.push({ text: text.slice(end, until), href: null });
  };
  for (const match of text.matchAll(URL_START)) {
    const url = trimmed(match[0]);
    const href = safeHref(url);
    if (href === null) continue;
    plain(match.index);
    runs.push({ text: url, href });
    end = match.index + url.length;
  }
  plain(text.length);
  return runs;
}

function trimmed(url: string): string {
  const cut = url.replace(TRAILING, "");
  // "(see https://example.org/a_(b))": keep a bracket that the link itself opened.
  const opened = (cut.match(/\(/g) ?? []).length - (cut.match(/\)/g) ?? []).length;
  return opened > 0 && url[cut.length] === ")" ? `${cut})` : cut;
}

function safeHref(url: string): string | null {
  try {
    const parsed = new URL(url);
    return parsed.protocol === "http:" || parsed.protocol === "https:" ? parsed.href : null;
  } catch {
    return null;
  }
}

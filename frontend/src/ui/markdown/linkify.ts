/** A run of a message: plain, or a link. */
export interface Run {
  text: string;
  href: string | null;
}

/** Not a bidirectional control: it could show another address than the one it leads to. */
const URL_START = /https?:\/\/[^\s<>"'`\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/giu;
/** Punctuation that ends the sentence around a link rather than the link. */
const TRAILING = /[.,:;!?…。、！？)\]}»”’]+$/u;

/**
 * Korean puts its particles right behind a word, also behind a link: "https://example.org에서". An
 * address may hold Hangul too (/wiki/한국, 한국.kr), so only what can't be or hardly is part of it
 * goes: Hangul behind the letters of a host's last label, and a known particle behind a letter,
 * digit or the bare root.
 */
const HOST_TAIL = /^(https?:\/\/(?:[^/?#]*\.)?[a-z0-9][a-z0-9:-]*,*)\p{Script=Hangul}.*$/iu;
const PARTICLE =
  /(^https?:\/\/[^/?#]+\/|[a-z0-9_=&#-])(?:에서|으로|로|를|을|은|는|이|가|와|과|도|만|의|에|에게|부터|까지|처럼|보다|라고|이라고|입니다|이에요|예요|이야|인데|이고|이랑|랑)(?:는|도|만|요)?$/iu;

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

function trimmed(text: string): string {
  const whole = text.replace(HOST_TAIL, "$1");
  const url = PARTICLE.test(whole.replace(TRAILING, ""))
    ? whole.replace(TRAILING, "").replace(PARTICLE, "$1")
    : whole;
  let cut = url.replace(TRAILING, "");
  // "(see https://example.org/a_(b))": keep the brackets that the link itself opened.
  const count = (bracket: string) => cut.split(bracket).length - 1;
  while (count("(") > count(")") && url[cut.length] === ")") cut += ")";
  return cut;
}

function safeHref(url: string): string | null {
  try {
    const parsed = new URL(url);
    return parsed.protocol === "http:" || parsed.protocol === "https:" ? parsed.href : null;
  } catch {
    return null;
  }
}

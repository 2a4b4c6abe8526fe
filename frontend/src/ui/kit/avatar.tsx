import type { User } from "../../protocol/generated";

const HANGUL = /^\p{Script=Hangul}+$/u;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** One letter, or a Korean given name: of 김민지 one says 민지. */
export function initials(name: string): string {
  const word = name.trim().split(" ")[0] ?? "";
  const letters = [...segmenter.segment(word)].map((part) => part.segment);
  if (HANGUL.test(word) && letters.length >= 2 && letters.length <= 3) {
    return letters.slice(-2).join("");
  }
  return (letters[0] ?? "?").toUpperCase();
}

/** A hue that stays with the person, whatever they are called. FNV-1a. */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % 360;
}

export function Avatar({ user, small = false }: { user: User; small?: boolean }) {
  const text = initials(user.name);
  return (
    <span
      class={small ? "avatar small" : "avatar"}
      data-wide={text.length > 1}
      style={{ "--hue": String(hueOf(user.id)) }}
      aria-hidden="true"
    >
      {text}
    </span>
  );
}

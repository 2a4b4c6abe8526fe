/** This many emoji alone are shown large. */
const FEW = 3;
/** The longest emoji there is, a family or a flag, has fewer UTF-16 units. */
const LONGEST = 32;

const EMOJI =
  /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Regional_Indicator}{2}|[#*0-9]\uFE0F?\u20E3)/u;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Whether a text is one to three emoji and nothing else. */
export function isEmojiOnly(text: string): boolean {
  // A letter is seen by its first character, so that this costs nothing for what people write.
  if (text.length > FEW * LONGEST || !EMOJI.test(text)) return false;
  let count = 0;
  for (const { segment } of segmenter.segment(text)) {
    if (segment.trim() === "") continue;
    if (!EMOJI.test(segment) || ++count > FEW) return false;
  }
  return count > 0;
}

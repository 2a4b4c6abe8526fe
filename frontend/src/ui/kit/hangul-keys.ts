// Keys in a field whose answers follow what is typed: there a Hangul syllable under way is as good
// as written, so Enter and the arrows mean the list at once. In any other composition (kana, pinyin)
// they belong to the input method.

type Key = Pick<KeyboardEvent, "key" | "code" | "isComposing" | "keyCode" | "repeat">;

const HANGUL = /\p{Script=Hangul}/u;
/** Safari's keydown follows the end of the composition it caused within this. */
const SAME_PRESS_MS = 120;

export class HangulKeys {
  private data = "";
  private ended: { at: number; hangul: boolean } | null = null;
  /**
   * Chromium may tell of one press twice: in the composition it ends, and after it. By then the field
   * may be gone and the focus in a message box, which would send: so Enter counts when it is let go.
   */
  private pressed: string | null = null;

  composing(data: string): void {
    if (data !== "") this.data = data;
  }

  composed(data: string, at: number): void {
    this.ended = { at, hangul: HANGUL.test(data === "" ? this.data : data) };
    this.data = "";
  }

  /** `now`: the press is for the list. `later`: its release is. */
  down(event: Key, at: number): "now" | "later" | "never" {
    if (!event.repeat && this.pressed === event.code) return "never";
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    if (!event.isComposing && event.keyCode !== 229) return "now";
    const after = this.ended !== null && at - this.ended.at <= SAME_PRESS_MS;
    if (!event.isComposing) return after && this.ended?.hangul === true ? "now" : "never";
    if (!HANGUL.test(this.data)) return "never";
    this.pressed = event.code;
    return event.code === "Enter" || event.code === "NumpadEnter" ? "later" : "now";
  }

  /** Whether this release was waited for. */
  up(event: Pick<Key, "code">): boolean {
    const waited = this.pressed === event.code;
    if (waited) this.pressed = null;
    return waited && (event.code === "Enter" || event.code === "NumpadEnter");
  }
}

/** Puts a text where the cursor is, as if it were typed: it can be undone, and `input` tells of it. */
export function insert(el: HTMLTextAreaElement, text: string): void {
  el.focus();
  // The only way that keeps the box's undo history; no standard has another one.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  if (document.execCommand("insertText", false, text)) return;
  el.setRangeText(text, el.selectionStart, el.selectionEnd, "end");
  el.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

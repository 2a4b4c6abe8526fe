/** Does somebody look at this page now? Only what was looked at counts as read. */
export function attentive(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

/** Tells when that changes. */
export function onAttention(changed: (looks: boolean) => void): () => void {
  const tell = () => changed(attentive());
  addEventListener("focus", tell);
  addEventListener("blur", tell);
  document.addEventListener("visibilitychange", tell);
  return () => {
    removeEventListener("focus", tell);
    removeEventListener("blur", tell);
    document.removeEventListener("visibilitychange", tell);
  };
}

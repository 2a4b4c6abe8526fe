/** Where "new messages" begin in a room on screen. */
export class Divider {
  after: number | null = null;

  /**
   * Looks at the room as it is about to be drawn. The line appears with the first message that
   * comes while nobody looks, and stays while it is being read.
   */
  update(readSeq: number | null, unread: number, attentive: boolean): void {
    if (this.after === null && unread > 0 && !attentive) this.after = readSeq;
  }

  /** The reader answered, or looked away: what comes next is new. */
  clear(): void {
    this.after = null;
  }
}

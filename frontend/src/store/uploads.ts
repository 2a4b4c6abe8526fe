import { signal } from "@preact/signals-core";
import type { FileInfo } from "../protocol/generated";

export type Stage =
  | { is: "waiting" }
  /** `sent` of its bytes have left. */
  | { is: "sending"; sent: number }
  | { is: "done"; info: FileInfo }
  | { is: "failed"; code: string; message: string };

/** A file on its way to the server, for a message that is written or waits for it. */
export interface Upload {
  key: number;
  room: string;
  roomKey: string;
  /** The message that waits for it; null while that is still being written. */
  message: string | null;
  name: string;
  size: number;
  /** What is sent; null where that is over. */
  file: Blob | null;
  stage: Stage;
}

/** What every room's message box holds besides text, and what messages wait for. */
export class Uploads {
  /** Never mutated: a new array per change. In the order in which they were chosen. */
  readonly all = signal<readonly Upload[]>([]);
  private next = 1;

  /** What goes with the next message of a room. */
  tray(roomKey: string): Upload[] {
    return this.all.value.filter((one) => one.roomKey === roomKey && one.message === null);
  }

  /** What a message waits for. */
  of(message: string): Upload[] {
    return this.all.value.filter((one) => one.message === message);
  }

  get(key: number): Upload | undefined {
    return this.all.value.find((one) => one.key === key);
  }

  add(fresh: readonly Omit<Upload, "key" | "message">[]): void {
    const uploads = fresh.map((one) => ({ ...one, key: this.next++, message: null }));
    this.all.value = [...this.all.value, ...uploads];
  }

  change(key: number, stage: Stage): void {
    this.all.value = this.all.value.map((one) => (one.key === key ? { ...one, stage } : one));
  }

  remove(key: number): void {
    this.all.value = this.all.value.filter((one) => one.key !== key);
  }

  /** What was attached now belongs to a message. */
  take(roomKey: string, message: string): void {
    const mine = new Set(this.tray(roomKey).map((one) => one.key));
    this.all.value = this.all.value.map((one) => (mine.has(one.key) ? { ...one, message } : one));
  }

  /** The message is sent, or nobody wants it any more. */
  drop(message: string): void {
    if (this.of(message).length === 0) return;
    this.all.value = this.all.value.filter((one) => one.message !== message);
  }
}

/** What the server calls them, when all of them are there; null before. */
export function filesOf(uploads: readonly Upload[]): FileInfo[] | null {
  const files = uploads.map(({ stage }) => (stage.is === "done" ? stage.info : null));
  return files.every((info) => info !== null) ? files : null;
}

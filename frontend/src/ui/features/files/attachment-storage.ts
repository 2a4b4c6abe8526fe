import { effect, signal } from "@preact/signals";
import { decodeFile } from "../../../protocol/decode";
import type { FileInfo } from "../../../protocol/generated";
import { isRecord } from "../../../protocol/read";
import type { Uploads } from "../../../store/uploads";

const KEY = "maru:attached";

interface Kept {
  room: string;
  roomKey: string;
  done: FileInfo[];
  lost: string[];
}

/** As much of `sessionStorage` as is used: it is the tab's own and survives its reload. */
export type TabStorage = Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem">;

/**
 * What stands in the message boxes besides text, over a reload: what the server has comes back, of
 * what was on its way the name is left, so that somebody can be told.
 */
export class AttachmentStorage {
  /** By room: the names of what didn't survive. */
  readonly lost = signal<ReadonlyMap<string, readonly string[]>>(new Map());

  constructor(
    private readonly uploads: Uploads,
    private readonly storage: TabStorage | null = tabStorage(),
  ) {}

  /** Takes back what there was, and keeps from now on what there is. */
  restore(): void {
    const kept = this.read();
    for (const { room, roomKey, done } of kept) {
      this.uploads.add(
        done.map((info) => ({
          room,
          roomKey,
          name: info.name,
          size: info.size,
          file: null,
          stage: { is: "done", info },
        })),
      );
    }
    const lost = kept.filter((one) => one.lost.length > 0);
    this.lost.value = new Map(lost.map((one) => [one.roomKey, one.lost]));
    effect(() => this.write());
  }

  /** It was read. */
  forget(roomKey: string): void {
    const lost = new Map(this.lost.value);
    if (lost.delete(roomKey)) this.lost.value = lost;
  }

  private write(): void {
    const rooms = new Map<string, Kept>();
    for (const { room, roomKey, message, name, stage } of this.uploads.all.value) {
      if (message !== null) continue;
      const kept = rooms.get(roomKey) ?? { room, roomKey, done: [], lost: [] };
      rooms.set(roomKey, kept);
      if (stage.is === "done") kept.done.push(stage.info);
      else kept.lost.push(name);
    }
    try {
      if (rooms.size === 0) this.storage?.removeItem(KEY);
      else this.storage?.setItem(KEY, JSON.stringify([...rooms.values()]));
    } catch {
      // Full: then it doesn't survive.
    }
  }

  private read(): Kept[] {
    let value: unknown;
    try {
      value = JSON.parse(this.storage?.getItem(KEY) ?? "[]");
    } catch {
      return [];
    }
    return Array.isArray(value) ? value.map(keptOf).filter((kept) => kept !== null) : [];
  }
}

function keptOf(value: unknown): Kept | null {
  if (!isRecord(value)) return null;
  const { room, roomKey, done, lost } = value;
  if (typeof room !== "string" || typeof roomKey !== "string") return null;
  const files = Array.isArray(done) ? done.map(decodeFile) : [];
  const names: unknown[] = Array.isArray(lost) ? lost : [];
  return {
    room,
    roomKey,
    done: files.filter((info) => info !== null),
    lost: names.filter((name) => typeof name === "string"),
  };
}

function tabStorage(): TabStorage | null {
  try {
    return sessionStorage;
  } catch {
    // Blocked.
    return null;
  }
}

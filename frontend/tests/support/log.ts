// A room's log as a server has it, and what is read of it: written apart from `store/fold.ts`, from the
// whole log each time, so that one can be held against the other.

import type { LogEntry, PagePart } from "../../src/protocol/frames";
import type { About, Message, Quote, Reacted, User } from "../../src/protocol/generated";
import { without } from "../../src/protocol/without";
import { isShown } from "../../src/store/held";
import { pick } from "./random";
import { ADA, ME } from "./wire";

const BO = { id: "guest-bo", name: "Bo" };
export const EVERYBODY: readonly User[] = [ME, ADA, BO];
const EMOJI = ["👍", "❤️", "😂"];

type Raw = LogEntry;

export class Log {
  readonly entries: Raw[] = [];

  constructor(
    readonly room: string,
    private readonly people: readonly User[] = EVERYBODY,
  ) {}

  get head(): number {
    return this.entries.length;
  }

  /** Entries by seq as they were at some head. */
  read(from: number, to: number, head = this.head): LogEntry[] {
    return this.entries
      .slice(Math.max(0, from - 1), Math.min(to, head))
      .map((raw) => this.folded(raw, head));
  }

  /** As they were heard when they came: what a server keeps of a room in use. */
  heard(from: number, to: number): LogEntry[] {
    return this.entries.slice(Math.max(0, from - 1), to);
  }

  /** A page by messages: what is shown of a range, and which older messages changed in it. */
  byMessages(from: number, to: number, head = this.head): PagePart {
    const entries = this.read(from, to, head).filter(isShown);
    const older = this.read(1, from - 1, head);
    const updated = older.filter(
      (entry) =>
        (entry.kind === "message" || entry.kind === "tombstone") && (entry.changed ?? 0) >= from,
    );
    return { entries, covers: { from, to }, updated };
  }

  /** The oldest seq from which on a range has so many messages. */
  reach(to: number, messages: number, head = this.head): number {
    let found = 0;
    for (let seq = to; seq > 1; seq--) {
      const [entry] = this.read(seq, seq, head);
      if (entry?.kind === "message" && ++found === messages) return seq;
    }
    return 1;
  }

  about(head = this.head): About {
    const about: About = { topic: "", description: "", pins: [] };
    for (const entry of this.entries.slice(0, head)) {
      if (entry.kind === "topic") {
        about.topic = entry.topic;
        about.description = entry.description;
      }
      if (entry.kind === "pin" || entry.kind === "delete") {
        about.pins = about.pins.filter((seq) => seq !== entry.target);
        if (entry.kind === "pin" && entry.on) about.pins.unshift(entry.target);
      }
    }
    return about;
  }

  unread(read: number, me: User): { unread: number; mentions: number } {
    const unread = this.read(read + 1, this.head).filter(
      (entry): entry is Message & { kind: "message" } =>
        entry.kind === "message" && entry.sender.id !== me.id,
    );
    const mine = unread.filter((message) => message.mentions?.some((user) => user.id === me.id));
    return { unread: unread.length, mentions: mine.length };
  }

  /** One more entry, of any kind that can stand here. */
  grow(random: () => number): LogEntry {
    const seq = this.head + 1;
    const head = {
      room: this.room,
      seq,
      id: `id-${seq}`,
      sender: pick(random, this.people),
      at: 1_763_866_800_000 + seq * 1_000,
    };
    const entry = this.change(random, head) ?? this.message(random, head);
    this.entries.push(entry);
    return entry;
  }

  private message(random: () => number, head: Head): LogEntry {
    const target = this.someMessage(random);
    return {
      kind: "message",
      ...head,
      body: `message ${head.seq}`,
      ...(random() < 0.3 && target !== null ? { reply_to: this.quote(target, this.head) } : {}),
      ...(random() < 0.3 ? { mentions: [pick(random, EVERYBODY)] } : {}),
    };
  }

  private change(random: () => number, head: Head): LogEntry | null {
    const dice = random();
    if (dice < 0.03) return { kind: "opaque", of: "opaque", room: head.room, seq: head.seq };
    if (dice < 0.08) {
      return { kind: "topic", ...head, topic: `topic ${head.seq}`, description: "" };
    }
    const target = this.someMessage(random);
    if (target === null || dice > 0.65) return null;
    const now = this.folded(this.at(target), this.head);
    if (now.kind !== "message") return null;
    if (dice < 0.25) {
      const mentions = random() < 0.5 ? { mentions: [pick(random, EVERYBODY)] } : {};
      const body = `edited by ${head.seq}`;
      return { kind: "edit", ...head, sender: now.sender, target, body, ...mentions };
    }
    if (dice < 0.32) return { kind: "delete", ...head, sender: now.sender, target };
    if (dice < 0.4) {
      return { kind: "pin", ...head, target, on: !this.about().pins.includes(target) };
    }
    const emoji = pick(random, EMOJI);
    const users = now.reactions?.find((each) => each.emoji === emoji)?.users ?? [];
    const on = !users.some((user) => user.id === head.sender.id);
    return { kind: "reaction", ...head, target, emoji, on };
  }

  /** Rather a young one: what is changed is mostly near the end. */
  private someMessage(random: () => number): number | null {
    const reach = random() < 0.7 ? 12 : this.head;
    const seq = this.head - Math.floor(random() * reach);
    return seq >= 1 && this.at(seq).kind === "message" ? seq : null;
  }

  private at(seq: number): Raw {
    const entry = this.entries[seq - 1];
    if (entry === undefined) throw new Error(`the log has no ${seq}`);
    return entry;
  }

  private after<K extends Raw["kind"]>(kind: K, target: number, head: number) {
    return this.entries
      .slice(0, head)
      .filter((e): e is Extract<Raw, { kind: K }> => e.kind === kind)
      .filter((e) => "target" in e && e.target === target);
  }

  private folded(raw: Raw, head: number): LogEntry {
    if (raw.kind === "edit" && this.after("delete", raw.target, head).length > 0) {
      return without(raw, "body", "mentions");
    }
    if (raw.kind !== "message") return raw;
    const { mentions: first, reply_to } = raw;
    const deletion = this.after("delete", raw.seq, head)[0];
    if (deletion !== undefined) {
      const place = without(raw, "kind", "body", "mentions", "reply_to");
      return { ...place, kind: "tombstone", deleted_at: deletion.at, changed: deletion.seq };
    }
    const edit = this.after("edit", raw.seq, head).at(-1);
    const toggles = this.after("reaction", raw.seq, head);
    const pin = this.after("pin", raw.seq, head).at(-1);
    const changed = Math.max(edit?.seq ?? 0, toggles.at(-1)?.seq ?? 0, pin?.seq ?? 0);
    const mentions = edit === undefined ? first : edit.mentions;
    const reactions = this.reactions(toggles);
    return {
      ...raw,
      ...(edit === undefined ? {} : { body: edit.body ?? "" }),
      ...(reply_to === undefined ? {} : { reply_to: this.quote(reply_to.seq, head) }),
      ...(mentions === undefined ? { mentions: [] } : { mentions }),
      ...(edit === undefined ? {} : { edited: { seq: edit.seq, at: edit.at } }),
      ...(reactions.length === 0 ? {} : { reactions }),
      ...(changed === 0 ? {} : { changed }),
    };
  }

  private reactions(toggles: readonly Extract<Raw, { kind: "reaction" }>[]): Reacted[] {
    const groups = new Map<string, User[]>();
    for (const { emoji, on, sender } of toggles) {
      const users = (groups.get(emoji) ?? []).filter((user) => user.id !== sender.id);
      if (on) groups.set(emoji, [...users, sender]);
      else if (users.length > 0) groups.set(emoji, users);
      else groups.delete(emoji);
    }
    return [...groups].map(([emoji, users]) => ({ emoji, count: users.length, users }));
  }

  private quote(seq: number, head: number): Quote {
    const raw = this.at(seq);
    if (raw.kind !== "message") throw new Error("only messages are quoted");
    const { sender } = raw;
    if (this.after("delete", seq, head).length > 0) return { seq, sender, deleted: true };
    const body = this.after("edit", seq, head).at(-1)?.body ?? raw.body ?? "";
    return { seq, sender, excerpt: body };
  }
}

interface Head {
  room: string;
  seq: number;
  id: string;
  sender: User;
  at: number;
}

/** What can be seen of entries: an empty list is none. */
export function seen(entries: readonly LogEntry[]): unknown[] {
  return entries.map((entry) =>
    entry.kind === "message" ? { ...entry, mentions: entry.mentions ?? [] } : entry,
  );
}

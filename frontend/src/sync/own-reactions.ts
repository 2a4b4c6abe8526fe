// Which reactions are one's own. A message lists the first people of each emoji; where there are more
// the server is asked, and what is heard after its answer goes on top.

import { signal } from "@preact/signals-core";
import type { Server } from "../protocol/frames";
import type { Epoch, Seq } from "../protocol/generated";
import { messageAt } from "../store/fold";
import type { Change, LoggedMessage } from "../store/fold";
import type { Room } from "../store/room";
import type { Client } from "./client";

/** Most messages in one question: a server's usual page has twice as many. */
const AT_ONCE = 50;
/** Most messages of a room whose answer is kept: many screens of them, each with a crowd. */
export const MAX_KEPT = 500;

type Emojis = ReadonlySet<string>;

interface Known {
  me: string;
  epoch: Epoch | null;
  /** Every entry up to here is in it. */
  head: Seq;
  own: Emojis;
}

const NOTHING: Emojis = new Set();

export class OwnReactions {
  private readonly rooms = new WeakMap<Room, Answers>();

  constructor(private readonly client: Client) {}

  /** Whether this person put the emoji on it, or is about to; who draws by it is drawn again. */
  has(room: Room, seq: Seq, emoji: string): boolean {
    const wish = this.client.outbox.changes.value.findLast(
      (change) =>
        change.roomKey === room.key &&
        change.kind === "reaction" &&
        change.target === seq &&
        change.emoji === emoji,
    );
    if (wish?.kind === "reaction") return wish.on;
    const me = this.client.identity.user.value?.id;
    const message = messageAt(room.timeline.entries.peek(), seq);
    const reacted = message?.reactions?.find((each) => each.emoji === emoji);
    if (me === undefined || message === undefined || reacted === undefined) return false;
    if (reacted.users.some((user) => user.id === me)) return true;
    if (reacted.count <= reacted.users.length) return false;
    let answers = this.rooms.get(room);
    if (answers === undefined) this.rooms.set(room, (answers = new Answers(this.client, room)));
    return answers.of(message, me).has(emoji);
  }
}

/** What the server said of a room's messages. One question is under way at a time. */
class Answers {
  private readonly known = signal<ReadonlyMap<Seq, Known>>(new Map());
  private readonly wanted = new Set<Seq>();
  private asking = false;

  constructor(
    private readonly client: Client,
    private readonly room: Room,
  ) {}

  of(message: LoggedMessage, me: string): Emojis {
    const { timeline, membership } = this.room;
    const told = this.known.value.get(message.seq);
    const known = told?.me === me && told.epoch === timeline.epoch ? told : undefined;
    const changed = message.changed ?? 0;
    if (known !== undefined && changed <= known.head) return known.own;
    // A page may have a change in it that has not been heard yet.
    const isHeard = known !== undefined && changed <= timeline.head.value;
    const heard = isHeard ? timeline.heardSince(known.head) : null;
    if (heard === null && membership.value.is === "joined") {
      this.wanted.add(message.seq);
      // All that is drawn at once is asked for together.
      queueMicrotask(() => this.ask());
    }
    return since(heard ?? [], known, message.seq, me);
  }

  private ask(): void {
    const me = this.client.identity.user.value?.id;
    const targets = [...this.wanted].slice(0, AT_ONCE);
    if (this.asking || targets.length === 0 || me === undefined) return;
    this.asking = true;
    for (const seq of targets) this.wanted.delete(seq);
    const { name, timeline } = this.room;
    const asked = { me, epoch: timeline.epoch, head: timeline.head.value };
    const request = { type: "own_reactions", room: name.value, targets } as const;
    this.client.request(request, (outcome) => {
      this.asking = false;
      if (outcome.ok) {
        const { head, messages } = outcome.frame;
        // A server that lags behind what it told is not asked on and on.
        this.keep(targets, { ...asked, head: Math.max(asked.head, head), messages });
      } else if (!outcome.failure.retryable) {
        // One that knows no such question has no answer later either.
        this.keep(targets, { ...asked, messages: [] });
      }
      this.ask();
    });
  }

  private keep(targets: readonly Seq[], { me, epoch, head, messages }: Answer): void {
    const own = new Map(messages.map(({ target, emoji }) => [target, new Set(emoji)]));
    const told = new Map(this.known.value);
    for (const seq of targets) told.set(seq, { me, epoch, head, own: own.get(seq) ?? NOTHING });
    this.known.value = new Map([...told].slice(-MAX_KEPT));
  }
}

type Answer = Pick<Known, "me" | "epoch" | "head"> & Pick<Server<"own_reactions">, "messages">;

/** What is known, with what this person did since. */
function since(
  heard: readonly Change[],
  known: Known | undefined,
  target: Seq,
  me: string,
): Emojis {
  const own = new Set(known?.own);
  for (const change of heard) {
    if (change.kind !== "reaction" || change.target !== target || change.sender.id !== me) continue;
    if (change.on) own.add(change.emoji);
    else own.delete(change.emoji);
  }
  return own;
}

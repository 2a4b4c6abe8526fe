import type { Outcome } from "../connection/requests";
import type { Failure } from "../connection/requests";
import type { Page } from "../protocol/frames";
import type { Room } from "../store/room";
import { isShown } from "../store/held";
import type { MessageRef } from "../store/timeline";
import type { SyncContext } from "./sync-context";

/** Entries per page while scrolling. */
export const PAGE = 50;
/** So many pages in a row without a message are passed over, as a server sends them that knows pages of
 *  entries only; then the reader has to ask again. */
export const BARREN = 20;

/** What became of the wish to see a message. */
export type Located = "held" | "nowhere" | Failure;

type Direction = "older" | "newer";
interface Where {
  before?: number;
  after?: number;
  around?: string;
  limit?: number;
}

/** Moves a room's window over its log: up, down, or to a place. One page at a time per room. */
export class Pager {
  /** Where the reader asked to be while a page was on its way: the last wish counts. */
  private readonly wanted = new Map<Room, () => void>();

  constructor(
    private readonly link: SyncContext,
    /** The log is not the one that is held (another epoch): join again. */
    private readonly rejoin: (room: Room) => void,
  ) {}

  older(room: Room, barren = 0): void {
    const { timeline } = room;
    if (!timeline.loaded.value || timeline.reachedStart) return;
    this.ask(room, "older", { before: timeline.oldest, limit: PAGE }, (page) => {
      timeline.prepend(page, page.head);
      if (showsNothing(page) && barren + 1 < BARREN) this.older(room, barren + 1);
    });
  }

  newer(room: Room, barren = 0): void {
    const { timeline } = room;
    if (timeline.atHead.value) return;
    this.ask(room, "newer", { after: timeline.newest, limit: PAGE }, (page) => {
      timeline.extend(page, page.head);
      if (showsNothing(page) && barren + 1 < BARREN) this.newer(room, barren + 1);
    });
  }

  /** Shows the newest page, when the window is elsewhere. */
  newest(room: Room): void {
    const { timeline } = room;
    if (timeline.atHead.value) return;
    if (room.paging.value !== null) this.wanted.set(room, () => this.newest(room));
    else this.ask(room, "newer", {}, (page) => timeline.show(page, page.head));
  }

  /** Moves the window so that it holds this message, unless it does already; tells when it is there. */
  around(room: Room, message: MessageRef, done: (found: Located) => void, before = PAGE / 2): void {
    const { timeline } = room;
    const bySeq = typeof message === "number";
    if (timeline.holds(message)) done("held");
    else if (bySeq && (message < 1 || message > timeline.head.value)) done("nowhere");
    else if (room.paging.value !== null) {
      this.wanted.set(room, () => this.around(room, message, done));
    } else {
      const where = bySeq ? { after: Math.max(0, message - 1 - before) } : { around: message };
      const show = (page: Page) => {
        timeline.show(page, page.head);
        if (timeline.holds(message)) done("held");
        // A page that ends before it: a server may have shorter ones, or long messages.
        else if (bySeq && before > 0) this.around(room, message, done, 0);
        else done("nowhere");
      };
      this.ask(room, "newer", { ...where, limit: PAGE }, show, (failure) =>
        done(failure.code === "message_not_found" ? "nowhere" : failure),
      );
    }
  }

  private ask(
    room: Room,
    direction: Direction,
    where: Where,
    apply: (page: Page) => void,
    failed?: (failure: Failure) => void,
  ): void {
    if (room.paging.value !== null || room.membership.value.is !== "joined") return;
    room.paging.value = direction;
    const request = { type: "history", room: room.name.value, ...where } as const;
    this.link.connection.request(request, (outcome: Outcome<Page>) => {
      room.paging.value = null;
      const { timeline } = room;
      const wish = this.wanted.get(room);
      this.wanted.delete(room);
      // A wish comes first: this page is not where the reader wants to be.
      if (wish !== undefined) wish();
      else if (!outcome.ok) failed?.(outcome.failure);
      else if (outcome.frame.epoch !== timeline.epoch) this.rejoin(room);
      else if (timeline.knowsSince(outcome.frame.head)) apply(outcome.frame);
      // It was read before more changes than are remembered.
      else this.ask(room, direction, where, apply, failed);
    });
  }
}

function showsNothing(page: Page): boolean {
  return page.entries.length > 0 && !page.entries.some(isShown);
}

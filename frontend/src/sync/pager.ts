import type { Outcome } from "../connection/requests";
import type { Page } from "../protocol/frames";
import type { Room } from "../store/room";
import type { Link } from "./link";

/** Entries per page while scrolling. */
export const PAGE = 50;

/** Moves a room's window over its log: up, down, or to the newest. One page at a time per room. */
export class Pager {
  /** The reader asked for the newest page while another was on its way. */
  private readonly wantNewest = new Set<Room>();

  constructor(
    private readonly link: Link,
    /** The log is not the one that is held (another epoch): join again. */
    private readonly rejoin: (room: Room) => void,
  ) {}

  older(room: Room): void {
    const { timeline } = room;
    if (!timeline.loaded.value || timeline.reachedStart) return;
    this.ask(room, "older", { before: timeline.oldest, limit: PAGE }, (page) =>
      timeline.prepend(page.entries),
    );
  }

  newer(room: Room): void {
    const { timeline } = room;
    if (timeline.atHead.value) return;
    this.ask(room, "newer", { after: timeline.newest, limit: PAGE }, (page) =>
      timeline.extend(page.entries),
    );
  }

  /** Shows the newest page, when the window is elsewhere. */
  newest(room: Room): void {
    const { timeline } = room;
    if (timeline.atHead.value) return;
    if (room.paging.value !== null) {
      this.wantNewest.add(room);
      return;
    }
    this.ask(room, "newer", {}, (page) => timeline.show(page.entries));
  }

  private ask(
    room: Room,
    direction: "older" | "newer",
    where: { before?: number; after?: number; limit?: number },
    apply: (page: Page) => void,
  ): void {
    if (room.paging.value !== null || room.membership.value.is !== "joined") return;
    room.paging.value = direction;
    const request = { type: "history", room: room.name.value, ...where } as const;
    this.link.connection.request(request, (outcome: Outcome<Page>) => {
      room.paging.value = null;
      const goOn = this.wantNewest.delete(room);
      if (!outcome.ok) return;
      if (outcome.frame.epoch === room.timeline.epoch) apply(outcome.frame);
      else this.rejoin(room);
      if (goOn) this.newest(room);
    });
  }
}

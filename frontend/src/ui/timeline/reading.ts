// A reader in a room's log: where they are, and what follows from that.

import { signal } from "@preact/signals";
import type { Room } from "../../store/room";
import type { App } from "../app-context";
import { attentive } from "../shell/attention";
import { estimate } from "./estimate";
import { Layout } from "./layout";
import type { Row } from "./rows";
import { PREFETCH_PX } from "./scroll";
import { ScrollManager } from "./scroll-manager";

/** A place in the upper part of what is seen: what comes before it shows where one is. */
const UPPER = 0.2;
const MIDDLE = 0.5;

export function reading(app: App, room: Room, redraw: () => void) {
  const { client, router, views } = app;
  const { timeline, read } = room;
  const view = views.of(room.key);
  const textWidth = { current: 600 };
  const scroll = new ScrollManager(new Layout<Row>((row) => estimate(row, textWidth.current)));
  /** More than a page up: offer the way back. */
  const far = signal(false);
  const up = signal(false);
  /** They were brought to where they begin. */
  let arrived = false;
  /** The server has said how far the room was read. */
  let told = false;
  /** The row of a message that they want to see. */
  let goal: string | null = null;

  const look = (): void => {
    room.reader = scroll.stick ? "newest" : "up";
    const { top, bottom, page } = scroll.distance;
    up.value = !scroll.stick;
    far.value = bottom > page * 0.75;
    // Who comes for one message hasn't seen the newest.
    if (!room.ready.value || view.wanted.value !== null) return;
    // Who saw the end has read the room; who is on the way there hasn't.
    if (attentive() && scroll.stick) read.mark(timeline.head.value);
    if (top < PREFETCH_PX) client.pager.older(room);
    if (!timeline.atHead.value && bottom < PREFETCH_PX) client.pager.newer(room);
  };

  /** To the newest message. */
  const jump = (): void => {
    view.wanted.value = null;
    if (timeline.atHead.value) scroll.toBottom();
    else {
      scroll.stick = true;
      client.pager.newest(room);
    }
    router.leaveMessage();
    redraw();
    look();
  };

  /** Where they come to with what is drawn next, unless they stay where they are. */
  const aim = () => {
    const loaded = room.ready.value;
    let at: { key: string; part: number } | null = null;
    if (loaded && !arrived) {
      arrived = true;
      if (view.place === null || !scroll.toPlace(view.place)) at = { key: "divider", part: UPPER };
    }
    // What this browser kept was shown first. Who is still at its end comes to where the news begin.
    if (loaded && read.known.value && !told) {
      told = true;
      if (scroll.stick) at ??= { key: "divider", part: UPPER };
    }
    if (goal !== null && scroll.layout.indexOf(goal) !== undefined) {
      at = { key: goal, part: MIDDLE };
      goal = null;
    }
    return at;
  };

  return {
    textWidth,
    scroll,
    view,
    far,
    up,
    look,
    jump,
    seek: (key: string) => void (goal = key),
    hasArrived: () => arrived,
    /** Whether what comes is seen as it comes. */
    sees: () => attentive() && scroll.stick && told,
    /**
     * Goes to where they come to, known before anything is drawn, so that only that is. Returns how to
     * go there again, when its height is known.
     */
    go(): (() => void) | null {
      const at = aim();
      const there = () => at !== null && scroll.toRow(at.key, at.part);
      return there() ? there : null;
    },
    /** Keeps the place for the next visit. */
    rest(): void {
      if (arrived) view.place = scroll.bookmark;
      if (!scroll.covered) redraw();
    },
  };
}

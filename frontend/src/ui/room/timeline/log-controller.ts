// A reader in a room's log: where they are, what is drawn for them, and what follows from that. It is
// brought up to date when something changed, apart from any drawing: `timeline.tsx` reads `frame`.

import { computed, effect, signal, untracked } from "@preact/signals";
import { overlaid } from "../../../store/overlay";
import type { Room } from "../../../store/room";
import type { App } from "../../context/app-context";
import { attentive } from "../../kit/attention";
import { Lazy } from "../../kit/lazy";
import { estimate } from "./estimate";
import type { keyboardIn } from "./keyboard";
import { Layout, windowOf } from "./layout";
import { Roving } from "./roving";
import { rowSizes } from "./row-sizes";
import type { LogElements } from "./row-sizes";
import { days, RowsBuilder } from "./rows";
import type { Row } from "./rows";
import { PREFETCH_PX } from "./scroll";
import { ScrollManager } from "./scroll-manager";

const Keyboard = new Lazy(() => import("./keyboard"));

/** A place in the upper part of what is seen: what comes before it shows where one is. */
const UPPER = 0.2;
const MIDDLE = 0.5;
/** The wheel stands still when nothing was scrolled for this long. */
const REST_MS = 150;

const NOBODY = { id: "", name: "" };
const NONE: readonly never[] = [];

/** What there is to draw. Never changed: there is another one when something else is to be seen. */
export interface Frame {
  readonly loaded: boolean;
  readonly reachedStart: boolean;
  /** Nothing was ever said here. */
  readonly quiet: boolean;
  readonly meId: string;
  readonly unread: number;
  /** The rows near what is seen, in order. */
  readonly drawn: readonly Row[];
}

/**
 * Owns the divider, the layout and the focus of a room's log. `draw` asks for a drawing; there is no
 * frame before `follow`, when the elements are there. Each is made right before it is drawn: whoever
 * scrolled in between would be taken for rows that moved.
 */
export function logController(app: App, room: Room, elements: LogElements, draw: () => void) {
  const { client } = app;
  const { timeline, read, ready } = room;
  const view = app.views.of(room.key);
  const scroll = new ScrollManager(new Layout<Row>((row) => estimate(row, sizes.textWidth())));
  const sizes = rowSizes(scroll, elements, (rows) => {
    noticeScroll();
    scroll.measure(rows);
    scroll.keep();
    look();
    // In the next frame: what is drawn from here on would be measured too late for this one.
    if (!scroll.covered) requestAnimationFrame(redraw);
  });
  const roving = new Roving();
  const builder = new RowsBuilder();
  const dayOf = days();
  /** More than a page up: offer the way back. */
  const far = signal(false);
  const up = signal(false);
  const outgoing = computed(() =>
    client.outbox.messages.value.filter((message) => message.roomKey === room.key),
  );
  const me = computed(() => client.identity.user.value ?? NOBODY);
  const entries = computed(() => {
    const mine = client.outbox.changes.value.filter((change) => change.roomKey === room.key);
    return overlaid(timeline.entries.value, mine, me.value);
  });
  let frame: Frame | null = null;
  /** What the keys do, once that is loaded. */
  let keyboard: ReturnType<typeof keyboardIn> | undefined;
  /** The frame is not what there is to see. */
  let stale = false;
  /** What was drawn is where it belongs. */
  let settled = false;
  /** They were brought to where they begin. */
  let arrived = false;
  /** The server has said how far the room was read. */
  let told = false;
  /** The row of a message that they want to see. */
  let goal: string | null = null;
  /** Goes once more to where they came to with this frame, when its height is known. */
  let goAgain: (() => unknown) | null = null;
  let resting: ReturnType<typeof setTimeout> | undefined;

  const atHead = () => timeline.atHead.peek();

  /** The reader may have scrolled, and the event may still be on its way. */
  const noticeScroll = () => {
    if (!arrived || !scroll.scrolled(atHead())) return;
    clearTimeout(resting);
    resting = setTimeout(() => scroll.rest(), REST_MS);
  };

  /** Where they come to with what is drawn next, unless they stay where they are. */
  const aim = () => {
    const loaded = ready.value;
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

  /** Makes the next frame. */
  const update = () => {
    const unread = read.count.value;
    // What comes is seen as it comes by who looks at the newest.
    view.divider.update(read.seq.value, unread, attentive() && scroll.stick && told);
    noticeScroll();
    const { reachedStart } = timeline;
    const rows = builder.build({
      entries: entries.value,
      outgoing: atHead() ? outgoing.value : NONE,
      me: me.value,
      dividerAfter: view.divider.after,
      reachedStart,
      dayOf,
    });
    scroll.layout.setRows(rows);
    // Known before anything is drawn, so that only what they come to is.
    const at = aim();
    const go = () => at !== null && scroll.toRow(at.key, at.part);
    goAgain = go() ? go : null;
    const pinned = roving.pinned === null ? undefined : scroll.layout.indexOf(roving.pinned);
    roving.drawing = true;
    settled = false;
    frame = {
      loaded: ready.value,
      reachedStart,
      quiet: rows.length + outgoing.value.length === 0,
      meId: me.value.id,
      unread,
      drawn: windowOf(rows, scroll.draw(), pinned),
    };
  };

  const refresh = () => {
    if (!stale) return;
    stale = false;
    untracked(update);
  };

  /** Draws anew what is near the place where the reader is by then. */
  const redraw = () => {
    if (stale) return;
    stale = true;
    draw();
  };

  /** Whoever looks at the log may have read it, and may want more of it. */
  const look = () => {
    room.reader = scroll.stick ? "newest" : "up";
    const { top, bottom, page } = scroll.distance;
    up.value = !scroll.stick;
    far.value = bottom > page * 0.75;
    // Who comes for one message hasn't seen the newest.
    if (!ready.peek() || view.wanted.peek() !== null) return;
    // Who saw the end has read the room; who is on the way there hasn't.
    if (attentive() && scroll.stick) read.mark(timeline.head.peek());
    if (top < PREFETCH_PX) client.pager.older(room);
    if (!atHead() && bottom < PREFETCH_PX) client.pager.newer(room);
  };

  const toNewest = () => {
    view.wanted.value = null;
    if (atHead()) scroll.toBottom();
    else {
      scroll.stick = true;
      client.pager.newest(room);
    }
    app.router.leaveMessage();
    redraw();
    look();
  };

  /** Keeps the place for the next visit. */
  const rest = () => {
    if (arrived) view.place = scroll.bookmark;
    if (!scroll.covered) redraw();
  };

  /** The frame is in the document. */
  const settle = () => {
    const again = goAgain;
    goAgain = null;
    settled = true;
    roving.drawing = false;
    sizes.drawn();
    again?.();
    scroll.keep();
    if (again !== null) scroll.settle(atHead());
    keyboard?.drawn();
    if (again !== null) look();
    rest();
  };

  /** What a frame is made of. */
  const made = [entries, outgoing, timeline.atHead, ready, read.count, read.seq, read.known];

  return {
    roving,
    far,
    up,
    frame: () => frame,
    /** What the log hears from the keyboard. */
    handlers: () => keyboard?.handlers,
    look,
    toNewest,
    /** To the newest message, and the keyboard with it when it is loaded. */
    keyboardToNewest: () => {
      roving.wantsNewest = true;
      toNewest();
    },
    /** The reader wrote something, and wants to see it. */
    wrote: () => {
      if (arrived) toNewest();
    },
    /** To the message of a row, and the keyboard with it. */
    show: (key: string) => {
      goal = key;
      roving.go(key);
      redraw();
    },
    scrolled: () => {
      noticeScroll();
      rest();
      look();
    },
    /** The frame was drawn: everything goes where it belongs before it is painted. */
    drawn: () => {
      if (!settled) settle();
      if (!stale) return;
      // At once, and with it what was asked for while others were drawn.
      refresh();
      draw();
    },
    /** From when the elements are there until they go. */
    follow: () => {
      const stop = effect(() => {
        [...made, roving.inside, roving.key].forEach((part) => part.value);
        redraw();
      });
      const stopMaking = app.beforeDrawing(refresh);
      refresh();
      Keyboard.fetch().then(
        (part) => {
          keyboard = part.keyboardIn({ scroll, elements, redraw, atHead, toNewest }, roving);
          redraw();
        },
        () => undefined,
      );
      return () => {
        stop();
        stopMaking();
        sizes.stop();
        clearTimeout(resting);
      };
    },
  };
}

// A reader in a room's log: where they are, what is drawn for them, and what follows from that. It is
// brought up to date when something changed, apart from any drawing: `timeline.tsx` reads `frame`.

import { computed, effect, signal, untracked } from "@preact/signals";
import { roomKey } from "../../../protocol/rules";
import { overlaid } from "../../../store/overlay";
import type { Room } from "../../../store/room";
import type { App } from "../../context/app-context";
import { attentive } from "../../kit/attention";
import { Lazy } from "../../kit/lazy";
import { estimate } from "./estimate";
import type { keyboardIn } from "./keyboard";
import { Layout, windowOf } from "./layout";
import type { News, Reading } from "./reading";
import { Roving } from "./roving";
import { rowSizes } from "./row-sizes";
import type { LogElements } from "./row-sizes";
import { days, RowsBuilder } from "./rows";
import type { Row } from "./rows";
import { ScrollManager } from "./scroll-manager";
import type { LogSelection } from "./selection";

const Parts = new Lazy(() => import("./log-parts"));

const MIDDLE = 0.5;
/** Where the news begin, in the upper part of what is seen: what comes before shows where one is. */
const NEWS = { key: "divider", part: 0.2 };
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
  const { client, i18n } = app;
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
  /** Days; in another time zone they begin at another time. */
  const calendar = computed(() => ({ today: i18n.today.value, dayOf: days() }));
  /** More than a page up: offer the way back. */
  const far = signal(false);
  const up = signal(false);
  /** What is unread of a reader who came to it. */
  const news = signal<News | null>(null);
  /** The row of a message that was sought, for a moment. */
  const sought = signal<string | null>(null);
  const outgoing = computed(() =>
    client.outbox.messages.value.filter((message) => message.roomKey === room.key),
  );
  const me = computed(() => client.identity.user.value ?? NOBODY);
  const entries = computed(() => {
    const mine = client.outbox.changes.value.filter((change) => change.roomKey === room.key);
    return overlaid(timeline.entries.value, mine, me.value);
  });
  let frame: Frame | null = null;
  /** What the keys do, and what is read, once those are loaded. */
  let keyboard: ReturnType<typeof keyboardIn> | undefined;
  let reading: Reading | undefined;
  let selection: LogSelection | undefined;
  /** The frame is not what there is to see. */
  let stale = false;
  /** What there is to draw reaches the newest. A page may be here that is not drawn yet. */
  let ends = true;
  /** What was drawn is where it belongs. */
  let settled = false;
  /** They were brought to where they begin. */
  let arrived = false;
  /** The server has said how far the room was read. */
  let told = false;
  /** The row that they want to see. */
  let goal: { key: string; part: number } | null = null;
  /** It is being loaded, and nothing else is to be seen. */
  let seeking = false;
  const stops: (() => void)[] = [];
  let ended = false;
  /** Goes once more to where they came to with this frame, when its height is known. */
  let goAgain: (() => unknown) | null = null;
  let resting: ReturnType<typeof setTimeout> | undefined;

  const atHead = () => timeline.atHead.peek();

  /** The reader may have scrolled, and the event may still be on its way. */
  const noticeScroll = () => {
    if (!arrived || !scroll.scrolled(ends)) return;
    clearTimeout(resting);
    resting = setTimeout(() => scroll.rest(), REST_MS);
  };

  /** The news begin above what is held: goes there. */
  const seek = () => {
    seeking = true;
    client.pager.around(room, (read.seq.peek() ?? 0) + 1, (found) => {
      seeking = false;
      if (found !== "held") goal = null;
      redraw();
    });
  };

  /** Where they come to with what is drawn next, unless they stay where they are. */
  const aim = () => {
    const loaded = ready.value;
    if (loaded && !arrived) {
      arrived = true;
      if (view.place === null || !scroll.toPlace(view.place)) goal ??= NEWS;
    }
    // What this browser kept was shown first. Who is still at its end comes to where the news begin.
    if (loaded && read.known.value && !told) {
      told = true;
      if (scroll.stick) goal ??= NEWS;
    }
    // So does who was at what is held no more.
    if (arrived && scroll.astray) goal ??= NEWS;
    if (goal === null || seeking || view.wanted.value !== null) return null;
    const at = goal;
    if (scroll.layout.indexOf(at.key) !== undefined) {
      goal = null;
      return at;
    }
    if (at !== NEWS) return null;
    const above = told && read.count.value > 0 && (read.seq.value ?? 0) + 1 < timeline.oldest;
    if (above && room.membership.value.is === "joined") seek();
    else goal = null;
    return null;
  };

  /** Makes the next frame. */
  const update = () => {
    const unread = read.count.value;
    // What comes is seen as it comes by who looks at the newest.
    const seen = attentive() && scroll.stick && reading?.following === true;
    view.divider.update(read.seq.value, unread, seen);
    noticeScroll();
    const { reachedStart } = timeline;
    const rows = builder.build({
      entries: entries.value,
      outgoing: atHead() ? outgoing.value : NONE,
      me: me.value,
      dividerAfter: view.divider.after,
      from: timeline.oldest,
      reachedStart,
      dayOf: calendar.value.dayOf,
    });
    scroll.layout.setRows(rows);
    ends = atHead();
    // Known before anything is drawn, so that only what they come to is.
    const at = aim();
    const go = () => at !== null && scroll.toRow(at.key, at.part);
    goAgain = go() ? go : null;
    roving.drawing = true;
    settled = false;
    const drawn = [scroll.draw()];
    // These are drawn wherever the others are.
    const pinned = scroll.layout.indexOf(roving.pinned ?? "");
    if (pinned !== undefined) drawn.push({ from: pinned, to: pinned + 1 });
    const selected = selection?.rows;
    if (selected != null) drawn.push(selected);
    frame = {
      loaded: ready.value && !seeking,
      reachedStart,
      quiet: rows.length + outgoing.value.length === 0,
      meId: me.value.id,
      unread,
      drawn: seeking ? NONE : windowOf(rows, drawn),
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
    const { bottom, page } = scroll.distance;
    up.value = !scroll.stick;
    far.value = bottom > page * 0.75;
    if (reading === undefined) Parts.fetch().then(complete, () => undefined);
    // Who comes for one message has seen nothing else yet.
    if (ready.peek() && !seeking && view.wanted.peek() === null) reading?.look();
  };

  /** What comes after the first paint. */
  const complete = (parts: typeof import("./log-parts")) => {
    if (reading !== undefined || ended) return;
    reading = new parts.Reading(app, room, scroll, news);
    keyboard = parts.keyboardIn({ scroll, elements, redraw, atHead, toNewest }, roving);
    selection = new parts.LogSelection(elements, scroll.layout);
    stops.push(parts.followWanted(app, room, sought, show), selection.follow());
    redraw();
  };

  /** To a row, and the keyboard with it. */
  const show = (key: string) => {
    goal = { key, part: MIDDLE };
    roving.go(key);
    redraw();
  };

  /** To where the news begin. */
  const toNews = () => {
    view.divider.after = read.seq.peek();
    goal = NEWS;
    redraw();
  };

  const toNewest = () => {
    view.wanted.value = goal = null;
    seeking = false;
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
    if (again !== null) scroll.settle(ends);
    keyboard?.drawn();
    if (again !== null) look();
    rest();
  };

  /** What a frame is made of. */
  const { count, seq, known } = read;
  const made = [
    entries,
    outgoing,
    timeline.atHead,
    ready,
    count,
    seq,
    known,
    view.wanted,
    calendar,
  ];

  return {
    roving,
    far,
    up,
    news,
    sought,
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
    toNews,
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
      stops.push(
        effect(() => {
          const link = app.router.message.value;
          if (link === null || roomKey(link.room) !== room.key) return;
          app.router.message.value = null;
          if (link.message !== null) app.views.showMessage(room.key, link.message);
        }),
        effect(() => {
          [...made, roving.inside, roving.key].forEach((part) => part.value);
          redraw();
        }),
        app.beforeDrawing(refresh),
        () => sizes.stop(),
      );
      refresh();
      return () => {
        ended = true;
        for (const stop of stops) stop();
        clearTimeout(resting);
      };
    },
  };
}

export type LogController = ReturnType<typeof logController>;

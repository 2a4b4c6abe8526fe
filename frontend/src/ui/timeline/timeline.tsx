import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { attentive, onAttention } from "../shell/attention";
import { estimate } from "./estimate";
import { Jump } from "./jump";
import { Layout } from "./layout";
import type { Range } from "./layout";
import { Empty, Skeleton } from "./placeholders";
import { RowView } from "./row-view";
import type { Row } from "./rows";
import { PREFETCH_PX } from "./scroll";
import { ScrollManager } from "./scroll-manager";
import { useRoving } from "./use-roving";
import { useRows } from "./use-rows";
import { useSizes } from "./use-sizes";
import { useWanted } from "./use-wanted";
import { useWheel } from "./use-wheel";

/** A place in the upper part of what is seen: what comes before it shows where one is. */
const UPPER = 0.2;
const MIDDLE = 0.5;

/** A room's messages. Remounted per room (by key), so that nothing of one leaks into the next. */
export function Timeline({ room }: { room: Room }) {
  const { client, i18n, router, views } = useApp();
  const { timeline, read } = room;
  const view = views.of(room.key);
  const port = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const before = useRef<HTMLSpanElement>(null);
  const after = useRef<HTMLSpanElement>(null);
  const textWidth = useRef(600);
  const scroll = useMemo(
    () => new ScrollManager(new Layout<Row>((row) => estimate(row, textWidth.current))),
    [],
  );
  /** More than a page up: offer the way back. */
  const far = useSignal(false);
  const up = useSignal(false);
  const arrived = useRef(false);
  /** The server has said how far the room was read. */
  const told = useRef(false);
  const [, beat] = useState(0);
  const redraw = useCallback(() => beat((beats) => beats + 1), []);

  const unread = read.count.value;
  const loaded = room.ready.value;
  view.divider.update(read.seq.value, unread, attentive() && scroll.stick && told.current);
  const wheel = useWheel(scroll, () => timeline.atHead.peek());
  const noticeScroll = () => {
    if (arrived.current) wheel();
  };
  noticeScroll();
  const { me, rows, oldest, atHead, reachedStart, quiet } = useRows(room, view.divider.after);
  scroll.layout.setRows(rows);

  const look = useCallback(() => {
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
  }, [room]);
  const jump = () => {
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

  const keyboard = useRoving({
    scroll,
    port,
    before,
    after,
    redraw,
    atHead: () => timeline.atHead.value,
    toNewest: jump,
  });
  const { roving } = keyboard;
  const goal = useRef<string | null>(null);
  const sought = useWanted(room, (key) => {
    goal.current = key;
    keyboard.go(key);
  });

  // Where the reader comes to is known before anything is drawn, so that only that is.
  let aim: { key: string; part: number } | null = null;
  if (loaded && !arrived.current) {
    arrived.current = true;
    if (view.place === null || !scroll.toPlace(view.place)) aim = { key: "divider", part: UPPER };
  }
  // What this browser kept was shown first. Who is still at its end comes to where the news begin.
  if (loaded && read.known.value && !told.current) {
    told.current = true;
    if (scroll.stick) aim ??= { key: "divider", part: UPPER };
  }
  if (goal.current !== null && scroll.layout.indexOf(goal.current) !== undefined) {
    aim = { key: goal.current, part: MIDDLE };
    goal.current = null;
  }
  const aimed = aim !== null && scroll.toRow(aim.key, aim.part);
  const pinned = roving.pinned === null ? undefined : scroll.layout.indexOf(roving.pinned);
  const drawn = drawnOf(rows, scroll.draw(), pinned);

  const sizes = useSizes({ scroll, port, list, textWidth, redraw, look, noticeScroll });
  roving.drawing = true;
  useLayoutEffect(() => {
    sizes.drawn();
    // Again: only now is its height known.
    if (aimed && aim !== null) scroll.toRow(aim.key, aim.part);
    scroll.keep();
    if (aimed) scroll.settle(timeline.atHead.value);
    keyboard.drawn();
    if (aimed) look();
    if (arrived.current) view.place = scroll.bookmark;
    if (!scroll.covered) redraw();
  });
  // After the browser laid out: reading, paging and the pill follow from where the reader is.
  useEffect(look, [rows.length, oldest, atHead, loaded, unread, room.membership.value.is]);
  useAttention(room, look);
  const onScroll = () => {
    noticeScroll();
    if (arrived.current) view.place = scroll.bookmark;
    if (!scroll.covered) redraw();
    look();
  };

  const written = view.written.value;
  useEffect(() => {
    if (written > 0 && arrived.current) jump();
  }, [written]);

  const inside = roving.inside.value;
  const current = roving.key.value;
  return (
    <div class="timeline">
      <span ref={before} tabIndex={-1} />
      <div
        ref={port}
        class="log"
        role="log"
        // New messages are read out by <Announcer>, one by one or summed up; history never is.
        aria-live="off"
        aria-label={i18n.t("log.label", { room: room.name.value })}
        aria-busy={!loaded}
        tabIndex={inside ? -1 : 0}
        data-testid="log"
        onScroll={onScroll}
        {...keyboard.handlers}
      >
        <div class="log-inner">
          {!loaded && <Skeleton />}
          {loaded && !reachedStart && (
            <p class="log-more" data-testid="log-more" aria-hidden={room.paging.value !== "older"}>
              {i18n.t("log.loading")}
            </p>
          )}
          {loaded && quiet && <Empty room={room.name.value} />}
          <div ref={list} class="log-rows">
            {drawn.map((row) => (
              <RowView
                key={row.key}
                row={row}
                room={room}
                meId={me.id}
                current={inside && row.key === current}
                sought={row.key === sought.value}
              />
            ))}
          </div>
        </div>
      </div>
      <span ref={after} tabIndex={-1} />
      {(far.value || (up.value && unread > 0)) && (
        <Jump unread={unread} onClick={jump} onKey={keyboard.toNewest} />
      )}
    </div>
  );
}

/** A reader who looks away, or goes, has seen what is new. */
function useAttention(room: Room, look: () => void): void {
  const view = useApp().views.of(room.key);
  useEffect(() => {
    const stopListening = onAttention((looks) => {
      if (looks) look();
      else view.divider.clear();
    });
    return () => {
      stopListening();
      view.divider.clear();
      view.written.value = 0;
      room.reader = "away";
    };
  }, [room]);
}

/** The rows of the window, and the one that the keyboard is at where that is outside of it. */
function drawnOf(rows: readonly Row[], range: Range, pinned: number | undefined): Row[] {
  const drawn = rows.slice(range.from, range.to);
  const away = pinned === undefined ? undefined : rows[pinned];
  if (pinned !== undefined && away !== undefined) {
    if (pinned < range.from) drawn.unshift(away);
    else if (pinned >= range.to) drawn.push(away);
  }
  return drawn;
}

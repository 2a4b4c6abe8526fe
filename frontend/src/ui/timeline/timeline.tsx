import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { Part } from "../kit/part";
import { Empty, Jump } from "../parts";
import { onAttention } from "../shell/attention";
import type { Range } from "./layout";
import { reading } from "./reading";
import { RowView } from "./row-view";
import type { Row } from "./rows";
import { Skeleton } from "./skeleton";
import { useRoving } from "./use-roving";
import { useRows } from "./use-rows";
import { useSizes } from "./use-sizes";
import { useWanted } from "./use-wanted";
import { useWheel } from "./use-wheel";

/** A room's messages. Remounted per room (by key), so that nothing of one leaks into the next. */
export function Timeline({ room }: { room: Room }) {
  const app = useApp();
  const { i18n } = app;
  const { timeline, read } = room;
  const port = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const before = useRef<HTMLSpanElement>(null);
  const after = useRef<HTMLSpanElement>(null);
  const [, beat] = useState(0);
  const redraw = useCallback(() => beat((beats) => beats + 1), []);
  const reader = useMemo(() => reading(app, room, redraw), []);
  const { scroll, view, textWidth, look, jump } = reader;

  const unread = read.count.value;
  const loaded = room.ready.value;
  view.divider.update(read.seq.value, unread, reader.sees());
  const wheel = useWheel(scroll, () => timeline.atHead.peek());
  const noticeScroll = () => {
    if (reader.hasArrived()) wheel();
  };
  noticeScroll();
  const { me, rows, oldest, atHead, reachedStart, quiet } = useRows(room, view.divider.after);
  scroll.layout.setRows(rows);
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
  const sought = useWanted(room, (key) => {
    reader.seek(key);
    keyboard.go(key);
  });

  const goAgain = reader.go();
  const pinned = roving.pinned === null ? undefined : scroll.layout.indexOf(roving.pinned);
  const drawn = drawnOf(rows, scroll.draw(), pinned);
  const sizes = useSizes({ scroll, port, list, textWidth, redraw, look, noticeScroll });
  roving.drawing = true;
  useLayoutEffect(() => {
    sizes.drawn();
    goAgain?.();
    scroll.keep();
    if (goAgain !== null) scroll.settle(timeline.atHead.value);
    keyboard.drawn();
    if (goAgain !== null) look();
    reader.rest();
  });
  // After the browser laid out: reading, paging and the pill follow from where the reader is.
  useEffect(look, [rows.length, oldest, atHead, loaded, unread, room.membership.value.is]);
  useAttention(room, look);
  const written = view.written.value;
  useEffect(() => {
    if (written > 0 && reader.hasArrived()) jump();
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
        onScroll={() => {
          noticeScroll();
          reader.rest();
          look();
        }}
        {...keyboard.handlers}
      >
        <div class="log-inner">
          {!loaded && <Skeleton />}
          {loaded && !reachedStart && <More room={room} />}
          {loaded && quiet && <Part part={Empty} props={{ room: room.name.value }} quiet />}
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
      {(reader.far.value || (reader.up.value && unread > 0)) && (
        <Part part={Jump} props={{ unread, onClick: jump, onKey: keyboard.toNewest }} quiet />
      )}
    </div>
  );
}

/** What is further up is on its way, or would be if one went there. */
function More({ room }: { room: Room }) {
  return (
    <p class="log-more" data-testid="log-more" aria-hidden={room.paging.value !== "older"}>
      {useApp().i18n.t("log.loading")}
    </p>
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

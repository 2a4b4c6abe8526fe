import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { Icon } from "../kit/icons";
import { attentive, onAttention } from "../shell/attention";
import { MessageRow } from "./message";
import { buildRows } from "./rows";
import type { Row } from "./rows";
import { PREFETCH_PX } from "./scroll";
import { ScrollManager } from "./scroll-manager";

const dayOf = (at: number) => new Date(at).toDateString();
const nobody = { id: "", name: "" };

/** A room's messages. Remounted per room (by key), so that nothing of one leaks into the next. */
export function Timeline({ room }: { room: Room }) {
  const app = useApp();
  const { client, i18n, views } = app;
  const { timeline, read } = room;
  const view = views.of(room.key);
  const scroll = useMemo(() => new ScrollManager(), []);
  const port = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  /** More than a page up: offer the way back. */
  const far = useSignal(false);
  const up = useSignal(false);
  const arrived = useRef(false);

  const unread = read.count.value;
  const loaded = timeline.loaded.value;
  view.divider.update(read.seq.value, unread, attentive() && scroll.stick && arrived.current);
  const me = client.identity.user.value ?? nobody;
  const outgoing = client.outbox.messages.value.filter((m) => m.roomKey === room.key);
  const atHead = timeline.atHead.value;
  const rows = buildRows({
    entries: timeline.entries.value,
    outgoing: atHead ? outgoing : [],
    me,
    dividerAfter: view.divider.after,
    reachedStart: timeline.reachedStart,
    dayOf,
  });
  const empty = loaded && rows.every((row) => row.kind === "start");

  const look = useCallback(() => {
    room.readerIsUp = !scroll.stick;
    const { top, bottom, page } = scroll.distance;
    up.value = !scroll.stick;
    far.value = bottom > page * 0.75;
    if (!timeline.loaded.value) return;
    if (attentive()) read.mark(scroll.stick ? timeline.head.value : scroll.lastSeen());
    if (top < PREFETCH_PX) client.pager.older(room);
    if (!timeline.atHead.value && bottom < PREFETCH_PX) client.pager.newer(room);
  }, [room]);

  // Rendering runs before the DOM changes, layout effects before it is painted.
  const held = scroll.hold();
  useLayoutEffect(() => {
    if (port.current !== null) scroll.attach(port.current);
    if (loaded && !arrived.current) {
      arrived.current = true;
      if (view.place !== null) {
        scroll.stick = false;
        scroll.restore(view.place);
      } else if (!scroll.toRow("divider")) scroll.toBottom();
      else scroll.stick = scroll.distance.bottom === 0;
      scroll.scrolled(atHead);
    } else scroll.restore(held);
  });
  // After the browser laid out: reading, paging and the pill follow from where the reader is.
  useEffect(look, [rows.length, atHead, loaded, unread, room.membership.value.is]);

  useEffect(() => {
    const observer = new ResizeObserver(() => {
      scroll.resized();
      look();
    });
    if (port.current !== null) observer.observe(port.current);
    if (inner.current !== null) observer.observe(inner.current);
    const stopListening = onAttention((looks) => {
      if (looks) look();
      else view.divider.clear();
    });
    return () => {
      observer.disconnect();
      stopListening();
      view.divider.clear();
      view.written.value = 0;
      room.readerIsUp = false;
    };
  }, [room]);

  const onScroll = () => {
    const now = scroll.scrolled(timeline.atHead.value);
    view.place = now.stick ? null : now;
    look();
  };
  const jump = () => {
    if (timeline.atHead.value) scroll.toBottom();
    else {
      scroll.stick = true;
      client.pager.newest(room);
    }
    look();
  };

  const written = view.written.value;
  useEffect(() => {
    if (written > 0 && arrived.current) jump();
  }, [written]);

  return (
    <div class="timeline">
      <div
        ref={port}
        class="log"
        role="log"
        // New messages are read out by <Announcer>, one by one or summed up; history never is.
        aria-live="off"
        aria-label={i18n.t("log.label", { room: room.name.value })}
        aria-busy={!loaded}
        tabIndex={0}
        data-testid="log"
        onScroll={onScroll}
      >
        <div ref={inner} class="log-inner">
          {!loaded && <Skeleton />}
          {loaded && !timeline.reachedStart && (
            <p class="log-more" aria-hidden={room.paging.value !== "older"}>
              {i18n.t("log.loading")}
            </p>
          )}
          {empty && outgoing.length === 0 ? (
            <Empty room={room.name.value} />
          ) : (
            rows.map((row) => <RowView key={row.key} row={row} room={room} meId={me.id} />)
          )}
        </div>
      </div>
      {(far.value || (up.value && unread > 0)) && (
        <button
          type="button"
          class="jump"
          data-testid="jump"
          data-new={unread > 0}
          aria-label={
            unread > 0
              ? `${i18n.t("log.jump.new", { count: unread })}. ${i18n.t("log.jump")}`
              : i18n.t("log.jump")
          }
          onClick={jump}
        >
          {unread > 0 && <span>{i18n.t("log.jump.new", { count: unread })}</span>}
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

function RowView({ row, room, meId }: { row: Row; room: Room; meId: string }) {
  const app = useApp();
  const { i18n, client } = app;
  switch (row.kind) {
    case "start":
      return (
        <div class="log-start" data-testid="room-start">
          <h2>{i18n.t("log.start.title", { room: room.name.value })}</h2>
          <p>{i18n.t("log.start.lead")}</p>
        </div>
      );
    case "day":
      return (
        <div class="day" role="separator" data-key={row.key} data-testid="day">
          <span>{i18n.day(row.at, Date.now())}</span>
        </div>
      );
    case "divider":
      return (
        <div class="divider" role="separator" data-key="divider" data-testid="divider">
          <span>{i18n.t("log.new")}</span>
        </div>
      );
    case "message":
      return (
        <MessageRow
          app={app}
          source={row.source}
          sender={row.sender}
          first={row.first}
          mine={row.sender.id === meId}
          language={i18n.language.value}
          offline={client.state.value.is !== "open"}
        />
      );
  }
}

function Empty({ room }: { room: string }) {
  const { t } = useApp().i18n;
  return (
    <div class="empty" data-testid="room-empty">
      <FloorArt />
      <h2>{t("log.empty.title", { room })}</h2>
      <p>{t("log.empty.lead")}</p>
    </div>
  );
}

/** Boards in the afternoon light. */
export function FloorArt() {
  return (
    <svg class="floor-art" viewBox="0 0 200 88" aria-hidden="true" focusable="false">
      <path class="board a" d="M44 8h70l-4 22H38z" />
      <path class="board b" d="M118 8h38l6 22h-48z" />
      <path class="board c" d="M37 33h34l-5 24H30z" />
      <path class="board a" d="M75 33h88l6 24H70z" />
      <path class="board b" d="M29 60h73l-2 26H21z" />
      <path class="board c" d="M106 60h64l8 26h-74z" />
    </svg>
  );
}

function Skeleton() {
  return (
    <div class="log-skeleton" aria-hidden="true">
      {[64, 82, 46, 71, 58].map((width) => (
        <div key={width} class="message">
          <span class="avatar" />
          <div class="message-main">
            <i class="bone head" />
            <i class="bone" style={{ width: `${width}%` }} />
          </div>
        </div>
      ))}
    </div>
  );
}

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import { Part } from "../../context/part";
import { onAttention } from "../../kit/attention";
import { logController } from "./log-controller";
import { Empty, Jump, NewsBar } from "./parts";
import { RowView } from "./row-view";

/**
 * A room's messages, as the controller's frame has them: drawing reads it and changes nothing.
 * Remounted per room (by key), so that nothing of one leaks into the next.
 */
export function Timeline({ room }: { room: Room }) {
  const app = useApp();
  const port = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const before = useRef<HTMLSpanElement>(null);
  const after = useRef<HTMLSpanElement>(null);
  const [, beat] = useState(0);
  const log = useMemo(
    () => logController(app, room, { port, list, before, after }, () => beat((beats) => beats + 1)),
    [],
  );
  const frame = log.frame();
  useLayoutEffect(() => log.drawn());
  useLayoutEffect(() => log.follow(), []);
  // After the browser laid out: reading, paging and the pill follow from where the reader is.
  useEffect(log.look, [frame, room.membership.value.is]);
  useAttention(room, log.look);
  const written = app.views.of(room.key).written.value;
  useEffect(() => {
    if (written > 0) log.wrote();
  }, [written]);

  const inside = log.roving.inside.value;
  const current = log.roving.key.value;
  const unread = frame?.unread ?? 0;
  const news = log.news.value;
  return (
    <div class="timeline">
      <span ref={before} tabIndex={-1} />
      <div
        ref={port}
        class="log"
        role="log"
        // New messages are read out by <Announcer>, one by one or summed up; history never is.
        aria-live="off"
        aria-label={app.i18n.t("log.label", { room: room.name.value })}
        aria-busy={frame?.loaded !== true}
        tabIndex={inside ? -1 : 0}
        data-testid="log"
        onScroll={log.scrolled}
        {...log.handlers()}
      >
        <div class="log-inner">
          {frame?.loaded === false && <Skeleton />}
          {frame?.loaded === true && !frame.reachedStart && <More room={room} />}
          {frame?.loaded === true && frame.quiet && (
            <Part part={Empty} props={{ room: room.name.value }} quiet />
          )}
          <div ref={list} class="log-rows">
            {frame?.drawn.map((row) => (
              <RowView
                key={row.key}
                row={row}
                room={room}
                meId={frame.meId}
                current={inside && row.key === current}
                sought={row.key === log.sought.value}
              />
            ))}
          </div>
        </div>
      </div>
      <span ref={after} tabIndex={-1} />
      {news !== null && <Part part={NewsBar} props={{ room, news, log }} quiet />}
      {news === null && (log.far.value || (log.up.value && unread > 0)) && (
        <Part
          part={Jump}
          props={{ unread, onClick: log.toNewest, onKey: log.keyboardToNewest }}
          quiet
        />
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
      if (!looks) view.divider.clear();
      look();
    });
    return () => {
      stopListening();
      view.divider.clear();
      view.written.value = 0;
      room.reader = "away";
    };
  }, [room]);
}

/** What messages look like before they are there. */
export function Skeleton() {
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

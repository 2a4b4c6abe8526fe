import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { overlaid } from "../../store/overlay";
import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { days } from "./days";
import { RowsBuilder } from "./rows";
import type { Row } from "./rows";

const nobody = { id: "", name: "" };

/** The room's rows: what the log has, as the changes that wait make it, and what waits to be said. */
export function useRows(room: Room, dividerAfter: number | null) {
  const { client } = useApp();
  const { timeline } = room;
  const builder = useMemo(() => new RowsBuilder(), []);
  const dayOf = useMemo(days, []);
  const me = client.identity.user.value ?? nobody;
  const outgoing = useComputed(() =>
    client.outbox.messages.value.filter((message) => message.roomKey === room.key),
  ).value;
  const changes = useComputed(() =>
    client.outbox.changes.value.filter((change) => change.roomKey === room.key),
  ).value;
  const logged = timeline.entries.value;
  const entries = useMemo(() => overlaid(logged, changes, me), [logged, changes, me]);
  const atHead = timeline.atHead.value;
  const { reachedStart } = timeline;
  const rows: readonly Row[] = useMemo(
    () =>
      builder.build({
        entries,
        outgoing: atHead ? outgoing : [],
        me,
        dividerAfter,
        reachedStart,
        dayOf,
      }),
    [entries, outgoing, atHead, me, dividerAfter, reachedStart],
  );
  const quiet = rows.length === 0 && outgoing.length === 0;
  return { me, rows, oldest: entries[0]?.seq, atHead, reachedStart, quiet };
}

import { useEffect } from "preact/hooks";
import type { Room } from "../../store/room";
import { useApp } from "../context/app-context";
import { Part } from "../context/part";
import { RoomFiles } from "../features/files/file-parts";
import { MessageActions } from "./actions/parts";
import { Composer } from "./composer/composer";
import { WritingAids } from "./composer/parts";
import { RoomHeader } from "./header/room-header";
import { Overlay, Refused } from "./parts";
import { Timeline } from "./timeline/timeline";

/** The room on screen: its head, its messages, the box to write in. */
export function RoomPane({ room }: { room: Room }) {
  const membership = room.membership.value;
  return (
    <>
      <RoomHeader room={room} />
      {membership.is === "refused" ? (
        <Part part={Refused} props={{ room, code: membership.code, message: membership.message }} />
      ) : (
        <>
          <Timeline room={room} />
          <Typing room={room} />
          <Composer room={room} />
          <RoomOverlay room={room} />
          <RoomFiles room={room} />
        </>
      )}
    </>
  );
}

/** Who types; its height is there before it is. */
function Typing({ room }: { room: Room }) {
  const part = WritingAids.here;
  return part === null ? <p class="typing" /> : <part.TypingLine room={room} />;
}

/** What stands over the room, and the loading of what is done in it. */
function RoomOverlay({ room }: { room: Room }) {
  const app = useApp();
  const { roomUi } = app;
  const opened = roomUi.opened.value;
  useEffect(() => {
    // After the first paint. Without a network the first use tries again.
    const timer = setTimeout(() => {
      for (const part of [MessageActions, WritingAids, Overlay]) {
        part.fetch().catch(() => undefined);
      }
    });
    return () => {
      clearTimeout(timer);
      roomUi.close();
    };
  }, [room]);
  const actions = MessageActions.here;
  useEffect(() => actions?.followPointerAndKeys(app, room), [actions, room]);
  return opened?.room === room ? <Part part={Overlay} props={{ opened }} quiet /> : null;
}

import { useEffect } from "preact/hooks";
import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { loadTalk, talkHere } from "./part";

/** What stands over the room, and the loading of what is done with its messages. */
export function RoomOverlay({ room }: { room: Room }) {
  const app = useApp();
  const { talk } = app;
  const opened = talk.opened.value;
  useEffect(() => {
    // After the first paint. Without a network the first use tries again.
    const timer = setTimeout(() => void loadTalk().catch(() => undefined));
    return () => {
      clearTimeout(timer);
      talk.close();
    };
  }, [room]);
  const part = talkHere();
  useEffect(() => part?.attachHands(app, room), [part, room]);
  if (opened?.room !== room || part === null) return null;
  return <part.Overlay opened={opened} />;
}

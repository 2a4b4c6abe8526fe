import { useEffect } from "preact/hooks";
import type { Room } from "../../store/room";
import { useApp } from "../app-context";
import { Part } from "../kit/part";
import { Attaching, Lightbox } from "./parts";

/** What stands over the room for files, and the loading of what brings them. */
export function RoomFiles({ room }: { room: Room }) {
  const app = useApp();
  const { files } = app;
  useEffect(() => {
    // After the first paint. Without a network the first use tries again.
    const timer = setTimeout(() => {
      Attaching.fetch().then(
        (part) => void part.benchOf(app),
        () => undefined,
      );
    });
    return () => {
      clearTimeout(timer);
      files.viewed.value = null;
    };
  }, [room]);
  const part = Attaching.here;
  return (
    <>
      {part !== null && <part.DropZone room={room} />}
      {files.viewed.value !== null && (
        <Part
          part={Lightbox}
          props={{}}
          failed={() => {
            files.viewed.value = null;
          }}
        />
      )}
    </>
  );
}

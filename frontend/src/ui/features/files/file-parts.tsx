import { Lazy } from "../../kit/lazy";
import type { FileInfo } from "../../../protocol/generated";
import type { App } from "../../context/app-context";
import { heightOf } from "./dimensions";
import { useApp } from "../../context/app-context";
import { useEffect } from "preact/hooks";
import type { Room } from "../../../store/room";
import { Part } from "../../context/part";

// What is loaded when there is a file to show, to attach or to look at.
/** Attaching: loaded once the room is painted. */
export const Attaching = new Lazy(() => import("./attaching"));
export const Attachments = new Lazy(() => import("./attachments").then((m) => m.Attachments));
export const Lightbox = new Lazy(() => import("./lightbox").then((m) => m.Lightbox));

/** What a message carries. Its place is kept until what draws it is there. */
export function MessageFiles({ app, files }: { app: App; files: readonly FileInfo[] }) {
  const Part = Attachments.get();
  if (Part !== null) return <Part app={app} files={files} />;
  return <div class="files" style={{ height: `${heightOf(files)}px` }} data-testid="files" />;
}

/** The files that a message waits for. */
export function Waiting({ id }: { id: string }) {
  const part = Attaching.get();
  const uploads = useApp().client.uploads.of(id);
  return part === null ? null : <part.Chips uploads={uploads} />;
}

/** What stands over the room for files, and the loading of what brings them. */
export function RoomFiles({ room }: { room: Room }) {
  const app = useApp();
  const { roomUi } = app;
  useEffect(() => {
    // After the first paint. Without a network the first use tries again.
    const timer = setTimeout(() => {
      Attaching.fetch().then(
        (part) => void part.uploadSessionOf(app),
        () => undefined,
      );
    });
    return () => {
      clearTimeout(timer);
      roomUi.viewed.value = null;
    };
  }, [room]);
  const part = Attaching.here;
  return (
    <>
      {part !== null && <part.DropZone room={room} />}
      {roomUi.viewed.value !== null && (
        <Part
          part={Lightbox}
          props={{}}
          failed={() => {
            roomUi.viewed.value = null;
          }}
        />
      )}
    </>
  );
}

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import { AnyIcon } from "../../kit/more-icons";
import { attach } from "./upload-session";
import { filesText } from "./strings";

/** Browsers tell of a drag at least every 350 ms as long as it goes on. */
const GOES_ON_MS = 1_000;

const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;

/** The whole room takes files that are dropped on it. Beside it the page isn't left for them. */
export function DropZone({ room }: { room: Room }) {
  const app = useApp();
  const t = filesText(app.i18n);
  const over = useSignal(false);
  const zone = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const pane = zone.current?.parentElement;
    if (!pane) return;
    /** A picture of the page itself that is dragged brings nothing new. */
    let own = false;
    /** A drag may end without a word: outside, by Esc, or with its window. */
    let ends: ReturnType<typeof setTimeout> | undefined;
    const within = (target: EventTarget | null) => target instanceof Node && pane.contains(target);
    const listeners: Record<
      "dragstart" | "dragend" | "dragover" | "dragleave" | "drop",
      (event: DragEvent) => void
    > = {
      dragstart: () => {
        own = true;
      },
      dragend: () => {
        own = false;
      },
      dragover: (event) => {
        if (own || !carriesFiles(event) || event.dataTransfer === null) return;
        event.preventDefault();
        over.value = within(event.target);
        clearTimeout(ends);
        ends = setTimeout(() => {
          over.value = false;
        }, GOES_ON_MS);
        event.dataTransfer.dropEffect = over.value ? "copy" : "none";
      },
      dragleave: (event) => {
        if (!within(event.relatedTarget)) over.value = false;
      },
      drop: (event) => {
        if (own || !carriesFiles(event) || event.dataTransfer === null) return;
        event.preventDefault();
        over.value = false;
        if (!within(event.target)) return;
        const { files, folders } = filesIn(event.dataTransfer);
        attach(app, room, files, folders);
        document.getElementById("composer")?.focus();
      },
    };
    for (const [type, listener] of Object.entries(listeners)) {
      document.addEventListener(type as "drop", listener);
    }
    return () => {
      clearTimeout(ends);
      for (const [type, listener] of Object.entries(listeners)) {
        document.removeEventListener(type as "drop", listener);
      }
    };
  }, [room]);
  return (
    <div
      ref={zone}
      class="drop-zone"
      data-over={over.value}
      data-testid="drop-zone"
      hidden={!over.value}
    >
      <div class="drop-card">
        <AnyIcon name="clip" />
        <strong>{t("drop.here")}</strong>
        <span>{t("drop.room", { room: room.name.value })}</span>
      </div>
    </div>
  );
}

/** A folder looks like a file until it is read. */
function filesIn(data: DataTransfer): { files: File[]; folders: number } {
  const items = [...data.items].filter((item) => item.kind === "file");
  const folders = items.filter((item) => item.webkitGetAsEntry()?.isDirectory === true);
  const files = items
    .filter((item) => !folders.includes(item))
    .map((item) => item.getAsFile())
    .filter((file) => file !== null);
  return { files, folders: folders.length };
}

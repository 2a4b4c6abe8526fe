import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Room } from "../../store/room";
import { useApp } from "../context/app-context";
import { IconButton } from "../kit/icon-button";
import { Announcer } from "../room/timeline/announcer";
import { appText } from "./strings";

/** What the page says by itself: aloud to who listens, and to all in passing. */
export function Notices({ room }: { room: Room | null }) {
  return (
    <>
      <Announcer room={room} />
      <ToastList />
    </>
  );
}

/** What is said stands above the message box, however high that is. */
function useAboveComposer(list: RefObject<HTMLElement | null>, needed: boolean): void {
  useLayoutEffect(() => {
    const composer = document.querySelector("form.composer");
    const style = list.current?.style;
    if (!needed || composer === null || style === undefined) return;
    const place = () => {
      style.setProperty("--box", `${innerHeight - composer.getBoundingClientRect().top}px`);
    };
    const observer = new ResizeObserver(place);
    observer.observe(composer);
    place();
    return () => {
      observer.disconnect();
      style.removeProperty("--box");
    };
  }, [needed]);
}

function ToastList() {
  const { toasts, i18n } = useApp();
  const list = useRef<HTMLDivElement>(null);
  useAboveComposer(list, toasts.shown.value.length > 0);
  return (
    <div ref={list} class="toasts" role="status" data-testid="toasts">
      {toasts.shown.value.map((toast) => (
        <div key={toast.id} class="toast" data-tone={toast.tone}>
          <p>{toast.text}</p>
          {toast.action !== undefined && (
            <button
              type="button"
              class="link"
              data-testid="toast-action"
              onClick={toast.action.run}
            >
              {toast.action.label}
            </button>
          )}
          <IconButton
            class="small"
            label={appText(i18n)("toast.close")}
            onClick={() => toasts.dismiss(toast.id)}
            icon="close"
          />
        </div>
      ))}
    </div>
  );
}

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

function ToastList() {
  const { toasts, i18n } = useApp();
  return (
    <div class="toasts" role="status" data-testid="toasts">
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

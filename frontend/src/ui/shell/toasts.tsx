import { signal } from "@preact/signals";
import { useApp } from "../app-context";
import { IconButton } from "../kit/icon-button";

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "error";
  /** What can be done about it. Such a toast stays until it is answered. */
  action?: { label: string; run: () => void };
}

/** Long enough to read two lines. */
const SHOWN_MS = 6_000;
const MOST = 3;

export class Toasts {
  readonly shown = signal<readonly Toast[]>([]);
  private next = 1;

  say(text: string, tone: Toast["tone"] = "plain"): void {
    const id = this.add({ text, tone });
    setTimeout(() => this.dismiss(id), SHOWN_MS);
  }

  offer(text: string, action: NonNullable<Toast["action"]>): void {
    this.add({ text, tone: "plain", action });
  }

  private add(toast: Omit<Toast, "id">): number {
    const id = this.next++;
    const others = this.shown.value.filter((other) => other.text !== toast.text);
    this.shown.value = [...others, { id, ...toast }].slice(-MOST);
    return id;
  }

  dismiss(id: number): void {
    this.shown.value = this.shown.value.filter((toast) => toast.id !== id);
  }
}

export function ToastList() {
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
            label={i18n.t("toast.close")}
            onClick={() => toasts.dismiss(toast.id)}
            icon="close"
          />
        </div>
      ))}
    </div>
  );
}

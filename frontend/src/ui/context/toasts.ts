import { signal } from "@preact/signals";

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

  offer(text: string, action: NonNullable<Toast["action"]>): number {
    return this.add({ text, tone: "plain", action });
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

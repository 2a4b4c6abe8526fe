import { signal } from "@preact/signals";
import { perApp } from "../../context/per-app";

export type Allowed = NotificationPermission | "unsupported";

/** Whether the browser shows notifications of this page. Asks only when somebody clicked. */
export class Permission {
  readonly state = signal<Allowed>("unsupported");

  constructor() {
    this.look();
    // Changed in the browser's settings, or by another tab.
    const permissions = (navigator as { permissions?: Permissions }).permissions;
    permissions?.query({ name: "notifications" }).then(
      (status) => status.addEventListener("change", () => this.look()),
      () => undefined,
    );
  }

  async ask(): Promise<void> {
    this.look();
    if (this.state.value !== "default") return;
    await Notification.requestPermission();
    this.look();
  }

  private look(): void {
    // A page over plain http has the class and is refused; that is no choice of the person.
    this.state.value =
      "Notification" in window && isSecureContext ? Notification.permission : "unsupported";
  }
}

export const permissionOf = perApp(() => new Permission());

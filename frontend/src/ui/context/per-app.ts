import type { App } from "./app-context";

/** What there is one of per page, made with the first that needs it. */
export function perApp<T>(make: (app: App) => T): (app: App) => T {
  const made = new WeakMap<App, { one: T }>();
  return (app) => {
    let held = made.get(app);
    if (held === undefined) {
      held = { one: make(app) };
      made.set(app, held);
    }
    return held.one;
  };
}

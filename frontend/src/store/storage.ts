// What outlives the page, as text by key. `localStorage` throws where it is blocked or full: then
// what was written since is kept in memory, and forgotten on reload.

export interface Storage {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
}

const PREFIX = "maru:";

export function memoryStorage(): Storage {
  const map = new Map<string, string>();
  return {
    get: (key) => map.get(key) ?? null,
    set: (key, value) => void map.set(key, value),
    remove: (key) => void map.delete(key),
  };
}

export function browserStorage(): Storage {
  const spare = memoryStorage();
  return {
    get(key) {
      // What didn't fit is newer than what did.
      const unkept = spare.get(key);
      if (unkept !== null) return unkept;
      try {
        return localStorage.getItem(PREFIX + key);
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        localStorage.setItem(PREFIX + key, value);
        spare.remove(key);
      } catch {
        spare.set(key, value);
      }
    },
    remove(key) {
      spare.remove(key);
      try {
        localStorage.removeItem(PREFIX + key);
      } catch {
        // Blocked: nothing was there.
      }
    },
  };
}

/** Calls `changed` with the key when another tab wrote one. */
export function onOtherTab(changed: (key: string) => void): void {
  addEventListener("storage", (event) => {
    if (event.key?.startsWith(PREFIX) === true) changed(event.key.slice(PREFIX.length));
  });
}

/** A stored JSON value; undefined when absent or damaged. */
export function getJson(storage: Storage, key: string): unknown {
  const text = storage.get(key);
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

import { signal } from "@preact/signals";
import type { Storage } from "../../store/storage";

export const THEMES = ["system", "light", "dark"] as const;
export type ThemeName = (typeof THEMES)[number];

const STORED = "theme";

/** Dark, light, or as the system is. `public/theme.js` applies it before the first paint. */
export class Theme {
  readonly chosen = signal<ThemeName>("system");

  constructor(private readonly storage: Storage) {
    this.load();
  }

  otherTabWrote(key: string): void {
    if (key === STORED) this.load();
  }

  choose(name: ThemeName): void {
    this.chosen.value = name;
    this.storage.set(STORED, name);
    this.apply();
  }

  private load(): void {
    this.chosen.value = THEMES.find((name) => name === this.storage.get(STORED)) ?? "system";
    this.apply();
  }

  private apply(): void {
    const name = this.chosen.value;
    if (name === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = name;
  }
}

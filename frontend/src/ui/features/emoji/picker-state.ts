// Which emoji the picker shows, and which of them Enter takes.

import { computed, signal } from "@preact/signals";
import type { App } from "../../context/app-context";
import { LANGUAGES } from "../../i18n/i18n";
import { CATEGORIES, emojiOf, labelOf, search, WORDS } from "./emoji-data";
import type { Category } from "./emoji-data";
import { ListSearch } from "../../kit/list-search";
import { recentEmoji } from "./recent";

export type Tab = "recent" | Category;

export class PickerState extends ListSearch<string> {
  readonly tabs: readonly Tab[];
  readonly tab;
  private readonly recents: readonly string[];

  constructor(private readonly app: App) {
    super();
    // As it opened: what is picked doesn't move the others.
    this.recents = recentEmoji(app).list();
    this.tabs = this.recents.length > 0 ? ["recent", ...CATEGORIES] : CATEGORIES;
    this.tab = signal<Tab>(this.tabs[0] ?? "smileys");
  }

  readonly searching = computed(() => this.query.value.trim() !== "");

  readonly shown = computed<readonly string[]>(() => {
    const tab = this.tab.value;
    if (this.searching.value) return search(this.query.value, this.languages());
    return tab === "recent" ? this.recents : emojiOf(tab);
  });

  name(emoji: string): string {
    return labelOf(emoji, WORDS[this.app.i18n.language.value].get());
  }

  open(tab: Tab): void {
    this.tab.value = tab;
    this.type("");
  }

  /** Where a key leads among the tabs; null where it leads nowhere. */
  step(key: string): Tab | null {
    const now = this.tabs.indexOf(this.tab.value);
    const last = this.tabs.length - 1;
    const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: last }[key];
    return to === undefined ? null : (this.tabs.at(to % this.tabs.length) ?? null);
  }

  /** Both languages find; the other one is loaded by the first search. */
  private languages() {
    return LANGUAGES.map((one) => WORDS[one].get()).filter((one) => one !== null);
  }
}

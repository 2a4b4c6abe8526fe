import { signal } from "@preact/signals";

/** Dialogs and drawers: at most one is open. */
export type Surface =
  "none" | "rooms" | "people" | "settings" | "rename" | "create" | "switcher" | "shortcuts";

/** Up to here one pane is shown at a time. */
const PHONE = "(max-width: 720px)";
/** From here the people fit beside the timeline. */
const WIDE = "(min-width: 1080px)";

export class Surfaces {
  readonly open = signal<Surface>("none");
  /** What the create dialog starts with. */
  readonly draftRoom = signal("");
  readonly phone = media(PHONE);
  readonly wide = media(WIDE);
  /** The search: beside the room on wide screens, over it on others. */
  readonly searching = signal(false);
  /** Counts the wishes to search: each leads the focus into the field. */
  readonly searches = signal(0);
  /** On wide screens the people can be put away. */
  readonly peopleShown = signal(true);

  show(surface: Surface): void {
    this.open.value = surface;
  }

  close(): void {
    this.open.value = "none";
  }

  create(name = ""): void {
    this.draftRoom.value = name;
    this.show("create");
  }

  search(): void {
    this.close();
    this.searching.value = true;
    this.searches.value += 1;
  }

  togglePeople(): void {
    if (!this.wide.value) this.show("people");
    else if (this.searching.value) {
      // The search stands in their place.
      this.searching.value = false;
      this.peopleShown.value = true;
    } else this.peopleShown.value = !this.peopleShown.value;
  }
}

function media(query: string) {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener("change", () => {
    matches.value = list.matches;
  });
  return matches;
}

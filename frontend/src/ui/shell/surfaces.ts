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

  togglePeople(): void {
    if (this.wide.value) this.peopleShown.value = !this.peopleShown.value;
    else this.show("people");
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

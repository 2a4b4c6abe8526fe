// What the switcher offers for what is typed, and what its keys do.

import { computed, effect, signal } from "@preact/signals";
import type { RoomInfo } from "../../../protocol/generated";
import { roomKey } from "../../../protocol/rules";
import { findRooms } from "../../../sync/queries";
import type { App } from "../../context/app-context";
import { ListSearch } from "../../kit/list-search";
import { HangulKeys } from "../../kit/hangul-keys";
import { myRooms } from "../../../store/room";
import { presses } from "../../kit/key-combos";
import { options } from "./choices";
import type { Option } from "./choices";

/** A pause in typing this long asks the server for rooms that are not listed here. */
const ASK_PAUSE_MS = 200;
const PAGE = 8;

export class SwitcherState extends ListSearch<Option> {
  private readonly asked = signal<readonly RoomInfo[]>([]);
  readonly keys = new HangulKeys();
  readonly shown = computed(() => {
    const { client, router } = this.app;
    return options({
      query: this.query.value,
      mine: myRooms(client.membership.rooms.value),
      directory: [...client.directory.rooms.value, ...this.asked.value],
      open: router.room.value === null ? null : roomKey(router.room.value),
    });
  });

  constructor(private readonly app: App) {
    super();
  }

  /** Asks for rooms as somebody types; returns what ends that. */
  ask(): () => void {
    return effect(() => {
      const text = this.query.value.trim();
      if (text === "") return undefined;
      const timer = setTimeout(
        () => findRooms(this.app.client, text, (rooms) => (this.asked.value = rooms)),
        ASK_PAUSE_MS,
      );
      return () => clearTimeout(timer);
    });
  }

  choose(option: Option | undefined = this.shown.value[this.at.value]): void {
    const { surfaces, router } = this.app;
    if (option === undefined) return;
    if (option.is === "new") {
      surfaces.create(option.name);
      return;
    }
    surfaces.close();
    router.open(option.name);
  }

  onKeyDown(event: KeyboardEvent): void {
    if (presses(event, "Mod+K")) {
      event.preventDefault();
      this.app.surfaces.close();
      return;
    }
    const action = this.actions[event.key] ?? this.actions[event.code];
    if (action === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    const when = this.keys.down(event, Date.now());
    if (when === "never") return;
    event.preventDefault();
    if (when === "now") action();
  }

  private readonly actions: Readonly<Record<string, () => void>> = {
    ArrowDown: () => this.around(1),
    ArrowUp: () => this.around(-1),
    PageDown: () => this.bounded(PAGE),
    PageUp: () => this.bounded(-PAGE),
    Enter: () => this.choose(),
  };

  private around(by: number): void {
    const count = this.shown.value.length;
    if (count > 0) this.point((this.at.value + by + count) % count);
  }

  private bounded(by: number): void {
    const last = this.shown.value.length - 1;
    this.point(Math.max(0, Math.min(this.at.value + by, last)));
  }
}

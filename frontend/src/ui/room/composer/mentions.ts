// Who is mentioned in what is being written. The list that completes names comes when it is needed.

import { signal } from "@preact/signals";
import type { User } from "../../../protocol/generated";
import type { Room } from "../../../store/room";
import type { App } from "../../context/app-context";
import { WritingAids } from "./parts";
import type { Completion } from "./mention-list";
import { mentioned } from "../../markdown/mentions";

export class Mentions {
  readonly completion = signal<Completion | null>(null);
  /** Chosen from the list: a name alone may be two people's. */
  private chosen: User[] = [];

  constructor(
    private readonly app: App,
    private readonly room: Room,
    private readonly settled: (then: () => void) => void,
  ) {}

  /** The text or the cursor changed. */
  look(el: HTMLTextAreaElement): void {
    const { completion } = this;
    if (completion.value !== null) completion.value.update();
    else if (el.value.includes("@")) {
      const choose = (user: User) => void this.chosen.unshift(user);
      WritingAids.fetch().then(
        (part) => {
          completion.value ??= new part.Completion(this.app, this.room, el, choose, this.settled);
          completion.value.update();
        },
        () => undefined,
      );
    }
  }

  /** Whether the key was for the list. */
  key(event: KeyboardEvent): boolean {
    return this.completion.value?.key(event) === true;
  }

  /** Takes the name that is active in the list; whether there was one. */
  take(): boolean {
    return this.completion.value?.take() === true;
  }

  close(): void {
    this.completion.value?.close();
  }

  /** What a text of this room mentions, as a frame says it; `before` are those that it mentioned. */
  of(text: string, before: readonly User[] = []): { mentions?: User[] } {
    const users = mentioned(text, [...this.chosen, ...before, ...this.room.roster.users.value]);
    return users.length === 0 ? {} : { mentions: users };
  }

  /** The text went. */
  forget(): void {
    this.chosen = [];
    this.completion.value?.forget();
  }
}

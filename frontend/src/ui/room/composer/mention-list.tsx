import { computed, signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { User } from "../../../protocol/generated";
import type { Room } from "../../../store/room";
import { membersOf } from "../../../sync/queries";
import { useApp } from "../../context/app-context";
import type { App } from "../../context/app-context";
import { Avatar } from "../../kit/avatar";
import { composerText } from "./strings";
import { insert } from "./insert";
import { candidates, queryAt, speakers } from "./mention-model";
import type { Candidate, Query } from "./mention-model";

/** A pause in typing this long asks the server for people who are away. */
const ASK_PAUSE_MS = 150;

const optionId = (index: number) => `mention-${index}`;

/** Completes `@name` in one message box. */
export class Completion {
  readonly found = signal<readonly Candidate[]>([]);
  readonly active = signal(0);
  readonly listId = "mention-list";
  private readonly option = computed(() =>
    this.found.value.length === 0 ? null : optionId(this.active.value),
  );
  private query: Query | null = null;
  /** The person closed the list for this `@`. */
  private closedAt: number | null = null;
  private away: readonly User[] = [];
  private latest = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly app: App,
    private readonly room: Room,
    private readonly box: HTMLTextAreaElement,
    private readonly chosen: (user: User) => void,
    /** Runs it when what is being composed is written. */
    private readonly settled: (then: () => void) => void,
  ) {}

  /** The option that a key takes. */
  get activeId(): string | null {
    return this.option.value;
  }

  get isOpen(): boolean {
    return this.found.value.length > 0;
  }

  /** The text or the cursor changed. */
  update(): void {
    const { selectionStart, selectionEnd, value } = this.box;
    const query = selectionStart === selectionEnd ? queryAt(value, selectionStart) : null;
    if (query?.from !== this.query?.from) this.away = [];
    if (query?.from !== this.closedAt) this.closedAt = null;
    const changed = query?.text !== this.query?.text || query?.from !== this.query?.from;
    this.query = query;
    if (query === null || this.closedAt !== null) {
      this.shut();
      return;
    }
    if (changed) this.askSoon(query);
    this.show();
  }

  /** Whether the key was for the list. Enter is none of these: the box tells when it is due. */
  key(event: KeyboardEvent): boolean {
    if (!this.isOpen || event.ctrlKey || event.metaKey || event.altKey) return false;
    const count = this.found.value.length;
    switch (event.key) {
      case "ArrowDown":
        this.active.value = (this.active.value + 1) % count;
        break;
      case "ArrowUp":
        this.active.value = (this.active.value + count - 1) % count;
        break;
      case "Escape":
        this.close();
        break;
      case "Tab":
        if (event.shiftKey) return false;
        this.pick();
        break;
      default:
        return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** As soon as the box can be written to. */
  pick(index = this.active.value): void {
    const one = this.found.value[index];
    if (one === undefined) return;
    this.settled(() => {
      this.take(this.found.value.findIndex(({ user }) => user.id === one.user.id));
    });
  }

  /** Takes the active one; whether there was one. */
  take(index = this.active.value): boolean {
    const one = this.found.value[index];
    const { query, box } = this;
    if (one === undefined || query === null) return false;
    this.chosen(one.user);
    this.closedAt = query.from;
    this.shut();
    box.focus();
    box.setSelectionRange(query.from, box.selectionStart);
    insert(box, `@${one.user.name} `);
    return true;
  }

  close(): void {
    this.closedAt = this.query?.from ?? null;
    this.shut();
  }

  /** The text went: an `@` of the next one is another, also in the same place. */
  forget(): void {
    this.query = null;
    this.closedAt = null;
    this.shut();
  }

  private shut(): void {
    clearTimeout(this.timer);
    this.latest += 1;
    this.found.value = [];
    this.active.value = 0;
  }

  private show(): void {
    if (this.query === null) return;
    const before = this.found.value[this.active.value]?.user.id;
    const { roster, timeline } = this.room;
    const me = this.app.client.identity.user.value?.id;
    const lately = speakers(timeline.entries.value);
    const found = candidates(this.query.text, lately, roster.users.value, this.away, me);
    this.found.value = found;
    this.active.value = Math.max(
      0,
      found.findIndex((one) => one.user.id === before),
    );
  }

  private askSoon(query: Query): void {
    clearTimeout(this.timer);
    this.latest += 1;
    const mine = this.latest;
    this.timer = setTimeout(() => {
      membersOf(this.app.client, this.room, query.text, (users) => {
        // An older question's answer must not replace a newer one's.
        if (mine !== this.latest) return;
        this.away = users;
        this.show();
      });
    }, ASK_PAUSE_MS);
  }
}

/** People that fit what stands behind the `@`. The keyboard stays in the message box. */
export function MentionList({ completion }: { completion: Completion }) {
  const { i18n } = useApp();
  const t = composerText(i18n);
  const list = useRef<HTMLUListElement>(null);
  const found = completion.found.value;
  const active = completion.active.value;
  useLayoutEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active, found]);
  return (
    <>
      {found.length > 0 && (
        <ul
          ref={list}
          id={completion.listId}
          class="mentions"
          role="listbox"
          aria-label={t("mention.label")}
          data-testid="mention-list"
        >
          {found.map(({ user, away }, index) => (
            <li
              key={user.id}
              id={optionId(index)}
              role="option"
              aria-selected={index === active}
              data-user={user.id}
              // The box keeps the focus, and what is composed in it is written.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => completion.pick(index)}
            >
              <Avatar user={user} small />
              <span class="person-name">{user.name}</span>
              {away && <span class="away">{t("mention.away")}</span>}
            </li>
          ))}
        </ul>
      )}
      <p class="visually-hidden" role="status">
        {found.length > 0 && t("mention.count", { count: found.length })}
      </p>
    </>
  );
}

// What a tab in the background tells of itself: a number in its title, a dot on its icon.

import { effect, signal, untracked } from "@preact/signals";
import { browserClock } from "../../../connection/ports";
import type { Room } from "../../../store/room";
import type { App } from "../../context/app-context";
import { myRooms } from "../../../store/room";
import { StableCount } from "./stable-count";

export type Dot = "none" | "unread" | "mention";

const ICONS: Readonly<Record<Dot, string>> = {
  none: "./favicon.svg",
  unread: "./favicon-unread.svg",
  mention: "./favicon-mention.svg",
};

export function titleOf(room: string | null, unread: number): string {
  const title = room === null ? "Maru" : `${room} · Maru`;
  return unread > 0 ? `(${unread > 99 ? "99+" : unread}) ${title}` : title;
}

/** For the life of the page. */
export function followUnread({ client, router }: Pick<App, "client" | "router">): void {
  const unread = signal(0);
  const mentions = signal(0);
  const tellUnread = new StableCount(browserClock, (count) => void (unread.value = count));
  const tellMentions = new StableCount(browserClock, (count) => void (mentions.value = count));
  effect(() => {
    const rooms = myRooms(client.membership.rooms.value);
    const sum = (count: (room: Room) => number) =>
      rooms.reduce((sum, room) => sum + count(room), 0);
    const [said, meant] = [
      sum((room) => room.read.count.value),
      sum((room) => room.read.mentions.value),
    ];
    untracked(() => {
      tellUnread.set(said);
      tellMentions.set(meant);
    });
  });
  effect(() => {
    document.title = titleOf(router.room.value, unread.value);
    mark(mentions.value > 0 ? "mention" : unread.value > 0 ? "unread" : "none");
  });
}

function mark(dot: Dot): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (icon !== null && icon.getAttribute("href") !== ICONS[dot]) icon.href = ICONS[dot];
}

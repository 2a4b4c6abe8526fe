// What a tab in the background tells of itself: a number in its title, a dot on its icon.

import { effect } from "@preact/signals";
import type { App } from "../app-context";
import { myRooms } from "../rooms/my-rooms";

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
  effect(() => {
    let unread = 0;
    let mentions = 0;
    for (const room of myRooms(client.membership.rooms.value)) {
      unread += room.read.count.value;
      mentions += room.read.mentions.value;
    }
    document.title = titleOf(router.room.value, unread);
    mark(mentions > 0 ? "mention" : unread > 0 ? "unread" : "none");
  });
}

function mark(dot: Dot): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (icon !== null && icon.getAttribute("href") !== ICONS[dot]) icon.href = ICONS[dot];
}

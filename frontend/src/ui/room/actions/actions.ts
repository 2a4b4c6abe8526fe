// What can be done with a message: for its toolbar, its menu and the keys.

import { messageAt, quoteOf } from "../../../store/fold";
import type { LoggedMessage } from "../../../store/fold";
import { aboutWith, overlaid } from "../../../store/overlay";
import type { Room } from "../../../store/room";
import type { App } from "../../context/app-context";
import { copyText } from "../../kit/clipboard";
import type { AnyIconName } from "../../kit/more-icons";
import { messageLink } from "../../context/address";
import { ownReactionsOf } from "./own-reactions";
import { actionsText } from "./strings";
import type { en } from "./strings.en";
import type { RejectedChange } from "../../../sync/client";
import { sentence } from "../../i18n/errors/sentence";

export const QUICK = ["👍", "❤️", "😂"] as const;

export interface MessageAction {
  name: "react" | "reply" | "edit" | "copy" | "link" | "pin" | "delete";
  icon: AnyIconName;
  label: keyof typeof en;
  /** The key that does it on a message that has the focus. */
  key: string;
  run: (anchor: Element | null) => void;
}

/** A message as it is shown, with what is on its way; undefined when it is gone. */
export function shownMessage(app: App, room: Room, seq: number): LoggedMessage | undefined {
  const { client } = app;
  const entries = room.timeline.entries.value;
  const me = client.identity.user.value;
  const said = messageAt(entries, seq);
  if (said === undefined || me === null) return said;
  const changes = client.outbox.changes.value.filter(
    (change) => change.roomKey === room.key && "target" in change && change.target === seq,
  );
  const now = overlaid([said], changes, me)[0];
  return now?.kind === "message" ? now : undefined;
}

export function isPinned(app: App, room: Room, seq: number): boolean {
  const mine = app.client.outbox.changes.value.filter((change) => change.roomKey === room.key);
  return aboutWith(room.about.now.value, mine).pins.includes(seq);
}

/** Puts an emoji on a message, or takes it back. */
export function toggleReaction(app: App, room: Room, seq: number, emoji: string): void {
  const { client } = app;
  if (shownMessage(app, room, seq) === undefined || client.identity.user.value === null) return;
  const on = !ownReactionsOf(app).has(room, seq, emoji);
  client.change(room, { kind: "reaction", target: seq, emoji, on });
}

export function messageActions(app: App, room: Room, message: LoggedMessage): MessageAction[] {
  const { client, roomUi, toasts, i18n } = app;
  const t = actionsText(i18n);
  const { seq, body } = message;
  const mine = message.sender.id === client.identity.user.value?.id;
  const pinned = isPinned(app, room, seq);
  const all: (MessageAction | false)[] = [
    {
      name: "react",
      icon: "react",
      label: "action.react",
      key: "+",
      run: (anchor) => roomUi.open({ is: "picker", room, seq, anchor }),
    },
    {
      name: "reply",
      icon: "reply",
      label: "action.reply",
      key: "r",
      run: () => roomUi.reply(room.key, quoteOf(message)),
    },
    mine && {
      name: "edit",
      icon: "pencil",
      label: "action.edit",
      key: "e",
      run: () => roomUi.edit(room.key, seq, body ?? "", message.mentions ?? []),
    },
    body !== undefined && {
      name: "copy",
      icon: "copy",
      label: "action.copy",
      key: "c",
      run: () => void copyText(body).then((done) => toasts.say(t(done ? "copied" : "not_copied"))),
    },
    {
      name: "link",
      icon: "link",
      label: "action.link",
      key: "l",
      run: () => {
        const link = messageLink(room.name.value, message.id);
        void copyText(link).then((done) => toasts.say(done ? i18n.t("room.copied") : link));
      },
    },
    {
      name: "pin",
      icon: "pin",
      label: pinned ? "action.unpin" : "action.pin",
      key: "p",
      run: () => client.change(room, { kind: "pin", target: seq, on: !pinned }),
    },
    mine && {
      name: "delete",
      icon: "trash",
      label: "action.delete",
      key: "Delete",
      run: () => roomUi.open({ is: "delete", room, seq }),
    },
  ];
  return all.filter((action) => action !== false);
}

/** The message box gets the last message of one's own that can be edited. */
export function editLast(app: App, room: Room): void {
  const me = app.client.identity.user.value?.id;
  for (const entry of room.timeline.entries.value.toReversed()) {
    if (entry.kind !== "message" || entry.sender.id !== me) continue;
    const message = shownMessage(app, room, entry.seq);
    if (message?.body === undefined) continue;
    app.roomUi.edit(room.key, message.seq, message.body, message.mentions ?? []);
    return;
  }
}

/** What was shown already isn't so: what, and why. */
export function reportRejected({ i18n, toasts }: App, { change, failure }: RejectedChange): void {
  // It is gone, as was wished.
  if (change.kind === "delete" && failure.code === "message_not_found") return;
  const why = sentence(i18n, failure);
  toasts.say(actionsText(i18n)(`rejected.${change.kind}`, { why }), "error");
}

import { effect, untracked } from "@preact/signals";
import { browserClock } from "../../../connection/ports";
import { postFile } from "../../../sync/post-file";
import { admit, Uploader } from "../../../sync/uploader";
import type { RejectedReason } from "../../../sync/uploader";
import type { Room } from "../../../store/room";
import type { Upload } from "../../../store/uploads";
import type { App } from "../../context/app-context";
import { perApp } from "../../context/per-app";
import { addressesOf } from "./addresses";
import { bytes } from "./file-format";
import { AttachmentStorage } from "./attachment-storage";
import { sentence } from "../../i18n/errors/sentence";
import { filesText } from "./strings";

/** What goes on as long as the page: the uploads, and what is remembered of them. */
export interface UploadSession {
  uploader: Uploader;
  left: AttachmentStorage;
}

export const uploadSessionOf = perApp((app): UploadSession => {
  const { client } = app;
  const uploader = new Uploader(client.uploads, {
    post: postFile,
    clock: browserClock,
    random: Math.random,
    token: () => client.identity.credentials()?.token ?? null,
    address: (room, name) => addressesOf(app).target(room, name),
  });
  const left = new AttachmentStorage(client.uploads);
  left.restore();
  uploader.start();
  effect(() => {
    if (client.state.value.is === "open") uploader.nudge();
  });
  effect(() => {
    const messages = new Set(client.uploads.all.value.map(({ message }) => message));
    for (const message of messages) if (message !== null) client.uploaded(message);
  });
  followLeaving(app);
  return { uploader, left };
});

/** Files for the next message of a room. What can't come is said in a sentence. */
export function attach(app: App, room: Room, files: readonly File[], folders = 0): void {
  const { client, i18n, toasts } = app;
  const t = filesText(i18n);
  uploadSessionOf(app);
  const limits = client.limits.value;
  if (limits === null || limits.max_files === 0) {
    const silent = { code: "disconnected", message: "" } as const;
    toasts.say(limits === null ? sentence(i18n, silent) : t("refused.disabled"), "error");
    return;
  }
  if (folders > 0) toasts.say(t("refused.folder"), "error");
  const { taken, refused } = admit(files, client.uploads.tray(room.key).length, limits);
  for (const why of new Set(refused.map((one) => one.why))) {
    const those = refused.filter((one) => one.why === why).map((one) => one.file.name);
    toasts.say(notTaken(app, why, those), "error");
  }
  client.uploads.add(
    taken.map((file) => ({
      room: room.name.value,
      roomKey: room.key,
      name: file.name,
      size: file.size,
      file,
      stage: { is: "waiting" },
    })),
  );
}

function notTaken({ client, i18n }: App, why: RejectedReason, names: readonly string[]): string {
  const t = filesText(i18n);
  const limits = client.limits.value;
  return t(`refused.${why}`, {
    count: names.length,
    name: names.join(", "),
    most: limits?.max_files ?? 0,
    size: bytes(limits?.max_file_bytes ?? 0, i18n.language.value),
  });
}

export function remove(app: App, { key, message }: Upload): void {
  app.client.uploads.remove(key);
  if (message !== null) app.client.uploaded(message);
}

/** A file that can't come holds up no message: what is there may go without it. */
export function offerWithout({ client, i18n, toasts }: App, room: Room, send: () => void): void {
  const t = filesText(i18n);
  const failed = () => client.uploads.tray(room.key).filter(({ stage }) => stage.is === "failed");
  const without = () => {
    for (const { key } of failed()) client.uploads.remove(key);
    send();
  };
  const toast = toasts.offer(t("file.unsolved"), { label: t("file.without"), run: without });
  // Tried again or taken out: there is nothing to decide any more.
  const stop = effect(() => {
    if (failed().length > 0) return;
    untracked(() => toasts.dismiss(toast));
    queueMicrotask(() => stop());
  });
}

/** A message that waits for its files is not sent yet: the browser asks before the page goes. */
function followLeaving({ client }: App): void {
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  effect(() => {
    const waits = client.uploads.all.value.some(({ message }) => message !== null);
    if (waits) addEventListener("beforeunload", ask);
    else removeEventListener("beforeunload", ask);
  });
}

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Room } from "../../../store/room";
import type { Upload } from "../../../store/uploads";
import { useApp } from "../../context/app-context";
import { IconButton } from "../../kit/icon-button";
import { addressesOf } from "./addresses";
import { uploadSessionOf, remove } from "./upload-session";
import { bytes, endingOf, kindOf } from "./file-format";
import { FileIcon } from "./file-icons";
import { filesText } from "./strings";
import { en } from "./strings.en";

/** Above the text in the message box: what goes with it, and what was lost. */
export function Tray({ room }: { room: Room }) {
  const app = useApp();
  const t = filesText(app.i18n);
  const { left } = uploadSessionOf(app);
  const uploads = app.client.uploads.tray(room.key);
  const lost = left.lost.value.get(room.key) ?? [];
  return (
    <>
      {lost.length > 0 && (
        <div class="tray-lost" role="alert" data-testid="attachments-lost">
          <p>{t("tray.lost", { count: lost.length, names: lost.join(", ") })}</p>
          <button
            type="button"
            class="button small"
            onClick={() => {
              left.forget(room.key);
              document.getElementById("composer")?.focus();
            }}
          >
            {t("tray.lost.close")}
          </button>
        </div>
      )}
      <Chips uploads={uploads} />
      <p class="visually-hidden" role="status" data-testid="attachments-status">
        {summary(uploads, t)}
      </p>
    </>
  );
}

function summary(uploads: readonly Upload[], t: ReturnType<typeof filesText>): string {
  const count = (...stages: Upload["stage"]["is"][]) =>
    uploads.filter(({ stage }) => stages.includes(stage.is)).length;
  const failed = count("failed");
  const sending = count("waiting", "sending");
  if (failed > 0) return t("tray.status.failed", { count: failed });
  if (sending > 0) return t("tray.status.sending", { count: sending });
  return uploads.length > 0 ? t("tray.status.ready", { count: uploads.length }) : "";
}

/** One for each file: in the message box, or below a message that waits for them. */
export function Chips({ uploads }: { uploads: readonly Upload[] }) {
  const t = filesText(useApp().i18n);
  if (uploads.length === 0) return null;
  return (
    <ul class="tray" aria-label={t("tray.label")} data-testid="attachments">
      {uploads.map((upload) => (
        <Chip key={upload.key} upload={upload} />
      ))}
    </ul>
  );
}

function Chip({ upload }: { upload: Upload }) {
  const app = useApp();
  const t = filesText(app.i18n);
  const { key, name, stage } = upload;
  const goes = stage.is === "waiting" || stage.is === "sending";
  const failed = stage.is === "failed";
  const taken = t(goes ? "tray.cancel" : "tray.remove", { name });
  return (
    <li class="chip" data-testid="attachment" data-state={stage.is}>
      <Face upload={upload} />
      <span class="chip-text">
        <span class="chip-name" title={name}>
          {name}
        </span>
        <span class="chip-line" title={failed ? stage.message : undefined}>
          {line(upload, t, app.i18n.language.value)}
        </span>
        {goes && (
          <progress
            max={upload.size}
            value={stage.is === "sending" ? stage.sent : 0}
            aria-label={t("tray.progress", { name })}
          />
        )}
      </span>
      {failed && upload.file !== null && (
        <IconButton
          class="small"
          label={t("tray.retry", { name })}
          data-testid="attachment-retry"
          onClick={() => uploadSessionOf(app).uploader.retry(key)}
        >
          <FileIcon name="again" />
        </IconButton>
      )}
      <IconButton
        class="small"
        label={taken}
        data-testid="attachment-remove"
        onClick={() => {
          remove(app, upload);
          document.getElementById("composer")?.focus();
        }}
        icon="close"
      />
    </li>
  );
}

function line({ size, stage }: Upload, t: ReturnType<typeof filesText>, language: string): string {
  const whole = bytes(size, language);
  switch (stage.is) {
    case "waiting":
      return t("tray.waiting");
    case "sending": {
      if (stage.sent >= size) return t("tray.finishing");
      const share = new Intl.NumberFormat(language, { style: "percent" });
      return t("tray.sending", { percent: share.format(stage.sent / size), size: whole });
    }
    case "done":
      return whole;
    case "failed":
      return t("tray.failed", { why: reason(t, stage.code, stage.message) });
  }
}

/** The picture itself, or what kind of file it is. */
function Face({ upload: { name, file, stage } }: { upload: Upload }) {
  const app = useApp();
  const address = useSignal<string | null>(null);
  const type = stage.is === "done" ? stage.info.media_type : (file?.type ?? "");
  const pictured = type.startsWith("image/");
  useEffect(() => {
    if (!pictured) return;
    if (file === null) {
      if (stage.is === "done") address.value = addressesOf(app).shown(stage.info.id);
      return;
    }
    const made = URL.createObjectURL(file);
    address.value = made;
    return () => URL.revokeObjectURL(made);
  }, [file, pictured]);
  if (address.value !== null) {
    return (
      <img
        class="chip-face"
        src={address.value}
        alt=""
        decoding="async"
        onError={() => {
          address.value = null;
        }}
      />
    );
  }
  const ending = endingOf(name);
  return (
    <span class="file-icon" data-kind={kindOf({ name, media_type: type })} aria-hidden="true">
      {ending === "" ? <FileIcon name="file" /> : ending.toUpperCase()}
    </span>
  );
}

/** Why a file was not taken, in the language of the person. */
function reason(t: ReturnType<typeof filesText>, code: string, message: string): string {
  const key = `why.${code}`;
  if (code !== "other" && Object.hasOwn(en, key)) return t(key as keyof typeof en);
  return t("why.other", { message: message === "" ? code : message });
}

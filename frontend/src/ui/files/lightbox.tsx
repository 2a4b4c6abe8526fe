import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useApp } from "../app-context";
import { Dialog } from "../kit/dialog";
import { Icon } from "../kit/icons";
import { addressesOf } from "./addresses";
import { bytes } from "./bytes";
import { FileIcon } from "./icons";
import { filesText } from "./text";

/** The pictures of a message, one at a time and as large as the window. */
export function Lightbox() {
  const app = useApp();
  const { files, i18n } = app;
  const addresses = addressesOf(app);
  const t = filesText(i18n);
  const broken = useSignal(false);
  const start = useRef<{ x: number; y: number } | null>(null);
  const viewed = files.viewed.value;
  const picture = viewed?.pictures[viewed.at];
  useEffect(() => {
    broken.value = false;
  }, [picture?.id]);
  if (viewed === null || picture === undefined) return null;
  const { pictures, at } = viewed;
  const several = pictures.length > 1;
  const close = () => {
    files.viewed.value = null;
  };
  const go = (step: number) => {
    if (several) {
      files.viewed.value = { pictures, at: (at + step + pictures.length) % pictures.length };
    }
  };
  const title = t("view.title", { at: at + 1, count: pictures.length });
  return (
    <Dialog
      class="lightbox"
      label={several ? `${title}: ${picture.name}` : picture.name}
      testid="lightbox"
      onClose={close}
    >
      <div
        class="lightbox-body"
        onKeyDown={(event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (step === undefined || event.isComposing) return;
          event.preventDefault();
          go(step);
        }}
      >
        <header class="lightbox-head">
          <p>
            <strong>{picture.name}</strong>
            <span>
              {several && `${i18n.number(at + 1)} / ${i18n.number(pictures.length)} · `}
              {bytes(picture.size, i18n.language.value)}
            </span>
          </p>
          <a
            class="icon-button"
            href={addresses.linked(picture, false)}
            target="_blank"
            rel="noopener noreferrer"
            aria-label={t("view.open")}
            title={t("view.open")}
            data-testid="lightbox-open"
          >
            <FileIcon name="outside" />
          </a>
          <a
            class="icon-button"
            href={addresses.linked(picture, true)}
            target="_blank"
            rel="noopener noreferrer"
            aria-label={t("view.download")}
            title={t("view.download")}
            data-testid="lightbox-download"
          >
            <FileIcon name="download" />
          </a>
          <button
            type="button"
            class="icon-button"
            aria-label={t("view.close")}
            data-autofocus
            onClick={close}
          >
            <Icon name="close" />
          </button>
        </header>
        <div
          class="lightbox-stage"
          // Beside the picture is outside.
          onClick={(event) => {
            if (event.target === event.currentTarget) close();
          }}
          onPointerDown={(event) => {
            start.current =
              event.pointerType === "mouse" ? null : { x: event.clientX, y: event.clientY };
          }}
          onPointerUp={(event) => {
            const from = start.current;
            start.current = null;
            if (from === null) return;
            const dx = event.clientX - from.x;
            if (Math.abs(dx) > 48 && Math.abs(dx) > 2 * Math.abs(event.clientY - from.y)) {
              go(dx < 0 ? 1 : -1);
            }
          }}
        >
          {broken.value ? (
            <p class="lightbox-broken" role="alert">
              <Icon name="alert" />
              {t("view.broken")}
            </p>
          ) : (
            <img
              key={picture.id}
              src={addresses.shown(picture.id)}
              alt={picture.name}
              width={picture.width}
              height={picture.height}
              draggable={false}
              data-testid="lightbox-picture"
              onError={() => {
                broken.value = true;
              }}
            />
          )}
        </div>
        {several && (
          <>
            <button
              type="button"
              class="lightbox-step previous"
              aria-label={t("view.previous")}
              data-testid="lightbox-previous"
              onClick={() => go(-1)}
            >
              <Icon name="back" />
            </button>
            <button
              type="button"
              class="lightbox-step next"
              aria-label={t("view.next")}
              data-testid="lightbox-next"
              onClick={() => go(1)}
            >
              <FileIcon name="forward" />
            </button>
          </>
        )}
      </div>
    </Dialog>
  );
}

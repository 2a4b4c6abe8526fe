import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { FileInfo } from "../../../protocol/generated";
import { useApp } from "../../context/app-context";
import { Dialog } from "../../kit/dialog";
import { IconButton } from "../../kit/icon-button";
import { AnyIcon } from "../../kit/more-icons";
import { addressesOf } from "./addresses";
import { bytes } from "./file-format";
import { FileIcon } from "./file-icons";
import { filesText } from "./strings";

/** The pictures of a message, one at a time and as large as the window. */
export function Lightbox() {
  const { roomUi, i18n } = useApp();
  const t = filesText(i18n);
  const viewed = roomUi.viewed.value;
  const picture = viewed?.pictures[viewed.at];
  if (viewed === null || picture === undefined) return null;
  const { pictures, at } = viewed;
  const several = pictures.length > 1;
  const close = () => {
    roomUi.viewed.value = null;
  };
  const go = (step: number) => {
    if (several) {
      roomUi.viewed.value = { pictures, at: (at + step + pictures.length) % pictures.length };
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
        <Head
          picture={picture}
          place={several ? `${i18n.number(at + 1)} / ${i18n.number(pictures.length)} · ` : ""}
          onClose={close}
        />
        <Stage key={picture.id} picture={picture} onClose={close} onSwipe={go} />
        {several && (
          <>
            <button
              type="button"
              class="lightbox-step previous"
              aria-label={t("view.previous")}
              data-testid="lightbox-previous"
              onClick={() => go(-1)}
            >
              <AnyIcon name="back" />
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

interface HeadProps {
  picture: FileInfo;
  /** Which of how many; empty for one alone. */
  place: string;
  onClose: () => void;
}

function Head({ picture, place, onClose }: HeadProps) {
  const app = useApp();
  const { i18n } = app;
  const t = filesText(i18n);
  const addresses = addressesOf(app);
  return (
    <header class="lightbox-head">
      <p>
        <strong>{picture.name}</strong>
        <span>
          {place}
          {bytes(picture.size, i18n.language.value)}
        </span>
      </p>
      {(["open", "download"] as const).map((what) => (
        <a
          key={what}
          class="icon-button"
          href={addresses.linked(picture, what === "download")}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={t(`view.${what}`)}
          title={t(`view.${what}`)}
          data-testid={`lightbox-${what}`}
        >
          <FileIcon name={what === "open" ? "outside" : "download"} />
        </a>
      ))}
      <IconButton label={t("view.close")} data-autofocus onClick={onClose} icon="close" />
    </header>
  );
}

/** A finger that goes this far to a side turns the page. */
const SWIPE_PX = 48;

interface StageProps {
  picture: FileInfo;
  onClose: () => void;
  /** To the next one, or to the one before. */
  onSwipe: (step: 1 | -1) => void;
}

function Stage({ picture, onClose, onSwipe }: StageProps) {
  const app = useApp();
  const t = filesText(app.i18n);
  const broken = useSignal(false);
  const start = useRef<{ x: number; y: number } | null>(null);
  return (
    <div
      class="lightbox-stage"
      // Beside the picture is outside.
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
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
        if (Math.abs(dx) > SWIPE_PX && Math.abs(dx) > 2 * Math.abs(event.clientY - from.y)) {
          onSwipe(dx < 0 ? 1 : -1);
        }
      }}
    >
      {broken.value ? (
        <p class="lightbox-broken" role="alert">
          <AnyIcon name="alert" />
          {t("view.broken")}
        </p>
      ) : (
        <img
          src={addressesOf(app).shown(picture.id)}
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
  );
}

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { FileInfo } from "../../../protocol/generated";
import type { App } from "../../context/app-context";
import { AnyIcon } from "../../kit/more-icons";
import { addressesOf } from "./addresses";
import { boxOf, columnsOf, isPicture } from "./dimensions";
import type { Picture } from "./dimensions";
import { bytes, endingOf, isPlayed, kindOf } from "./file-format";
import { FileIcon } from "./file-icons";
import { filesText } from "./strings";

interface Props {
  app: App;
  files: readonly FileInfo[];
}

/** What a message carries: its pictures in place, what can be played, the rest as cards. */
export function Attachments({ app, files }: Props) {
  const pictures = files.filter(isPicture);
  const others = files.filter((file) => !isPicture(file));
  return (
    <div class="files" data-testid="files">
      {pictures.length > 0 && (
        <div
          class="pictures"
          data-count={pictures.length}
          style={{ "--columns": String(columnsOf(pictures.length)) }}
        >
          {pictures.map((picture, at) => (
            <PictureBox
              key={picture.id}
              app={app}
              picture={picture}
              alone={pictures.length === 1}
              onOpen={() => {
                app.roomUi.viewed.value = { pictures, at };
              }}
            />
          ))}
        </div>
      )}
      {others.map((file) =>
        isPlayed(file) ? (
          <Player key={file.id} app={app} file={file} />
        ) : (
          <Card key={file.id} app={app} file={file} />
        ),
      )}
    </div>
  );
}

interface PictureProps {
  app: App;
  picture: Picture;
  alone: boolean;
  onOpen: () => void;
}

/** Its box is there before it is, and stays when it doesn't come. */
function PictureBox({ app, picture, alone, onOpen }: PictureProps) {
  const { i18n } = app;
  const { id, name } = picture;
  const addresses = addressesOf(app);
  const address = useSignal(addresses.shown(id));
  const state = useSignal<"loading" | "shown" | "broken">("loading");
  const box = boxOf(picture);
  const style = alone
    ? { width: `${box.width}px`, aspectRatio: `${box.width} / ${box.height}` }
    : {};
  const again = () => {
    state.value = "loading";
    address.value = addresses.renewed(id);
  };
  const failed = () => {
    // An address that outlived its ticket, most likely.
    if (addresses.isStale(id)) again();
    else state.value = "broken";
  };
  const broken = state.value === "broken";
  // Only who waits for it is drawn again with each ticket.
  const ticket = broken ? app.client.ticket.value : null;
  useEffect(() => {
    if (broken && addresses.isStale(id)) again();
  }, [ticket]);
  if (broken) {
    return (
      <button
        type="button"
        class="picture broken"
        style={style}
        data-testid="picture"
        data-state="broken"
        title={name}
        onClick={again}
      >
        <AnyIcon name="alert" />
        <span>{filesText(i18n)("file.broken")}</span>
      </button>
    );
  }
  return (
    <button
      type="button"
      class="picture"
      style={style}
      aria-haspopup="dialog"
      data-testid="picture"
      data-state={state.value}
      onClick={onOpen}
    >
      <img
        src={address.value}
        alt={name}
        width={box.width}
        height={box.height}
        loading="lazy"
        decoding="async"
        draggable={false}
        onLoad={() => {
          state.value = "shown";
        }}
        onError={failed}
      />
    </button>
  );
}

/** Sound or film, by what the browser has for it. Nothing is fetched before somebody plays it. */
function Player({ app, file }: { app: App; file: FileInfo }) {
  const Media = file.media_type.startsWith("video/") ? "video" : "audio";
  return (
    <figure class="player" data-testid="player" data-kind={Media}>
      <Media controls preload="none" src={addressesOf(app).shown(file.id)} aria-label={file.name} />
      <figcaption>
        <FileLink app={app} file={file} />
      </figcaption>
    </figure>
  );
}

function Card({ app, file }: { app: App; file: FileInfo }) {
  const ending = endingOf(file.name);
  return (
    <div class="file-card" data-testid="file" data-file={file.id}>
      <span class="file-icon" data-kind={kindOf(file)} aria-hidden="true">
        {ending === "" ? <FileIcon name="file" /> : ending.toUpperCase()}
      </span>
      <FileLink app={app} file={file} />
    </div>
  );
}

/** Its name, its size, and the way to save it. */
function FileLink({ app, file }: { app: App; file: FileInfo }) {
  const { i18n } = app;
  const addresses = addressesOf(app);
  const size = bytes(file.size, i18n.language.value);
  // The ticket is that of when it is followed, not of when it was drawn.
  const renew = (event: { currentTarget: HTMLAnchorElement }) => {
    event.currentTarget.href = addresses.linked(file, true);
  };
  return (
    <a
      class="file-link"
      href={addresses.linked(file, true)}
      target="_blank"
      rel="noopener noreferrer"
      data-testid="download"
      onPointerDown={renew}
      onFocus={renew}
      onClick={renew}
    >
      <span class="visually-hidden">{`${filesText(i18n)("view.download")} `}</span>
      <span class="file-text">
        <span class="file-name">{file.name}</span>
        <span class="file-size">{size}</span>
      </span>
      <FileIcon name="download" />
    </a>
  );
}

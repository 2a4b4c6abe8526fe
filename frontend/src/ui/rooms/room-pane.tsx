import { aboutWith } from "../../store/overlay";
import { useApp } from "../app-context";
import { ComposerPart } from "../compose/part";
import { TypingLine } from "../compose/typing-line";
import { copyText } from "../kit/clipboard";
import { RoomFiles } from "../files/room-files";
import { Icon } from "../kit/icons";
import { SearchButton } from "../search/search-button";
import { hashOf } from "../shell/router";
import { RoomOverlay } from "../talk/room-overlay";
import { FloorArt } from "../timeline/placeholders";
import { Timeline } from "../timeline/timeline";
import type { Room } from "../../store/room";

/** The room on screen: its head, its messages, the box to write in. */
export function RoomPane({ room }: { room: Room }) {
  const membership = room.membership.value;
  return (
    <>
      <RoomHead room={room} />
      {membership.is === "refused" ? (
        <Refused room={room} code={membership.code} message={membership.message} />
      ) : (
        <>
          <Timeline key={room.key} room={room} />
          <TypingLine room={room} />
          <WriteHere key={`composer:${room.key}`} room={room} />
          <RoomOverlay key={`overlay:${room.key}`} room={room} />
          <RoomFiles key={`files:${room.key}`} room={room} />
        </>
      )}
    </>
  );
}

/** Its place is kept until it is there, so that no message moves. */
function WriteHere({ room }: { room: Room }) {
  const Composer = ComposerPart.get();
  return Composer === null ? (
    <div class="composer" aria-hidden="true">
      <div class="composer-box composer-place" />
    </div>
  ) : (
    <Composer room={room} />
  );
}

function RoomHead({ room }: { room: Room }) {
  const { client, i18n, surfaces, router, toasts, talk } = useApp();
  const { t } = i18n;
  const name = room.name.value;
  const mine = client.outbox.changes.value.filter((change) => change.roomKey === room.key);
  const { topic, pins } = aboutWith(room.about.now.value, mine);
  const joined = room.membership.value.is === "joined";
  const refused = room.membership.value.is === "refused";
  const count = room.roster.count.value;
  const peopleOpen = surfaces.wide.value && surfaces.peopleShown.value && !surfaces.searching.value;
  return (
    <header class="room-head">
      {surfaces.phone.value && (
        <button
          type="button"
          class="icon-button"
          aria-label={t("rooms.open")}
          data-testid="open-rooms"
          onClick={() => surfaces.show("rooms")}
        >
          <Icon name="menu" />
        </button>
      )}
      <div class="room-title">
        <h1 data-testid="room-title">{name}</h1>
        {!refused && (
          <p class="room-line">
            <span data-testid="room-here">
              {joined || count > 0 ? t("room.here", { count }) : t("room.joining")}
            </span>
            <button
              type="button"
              class="topic"
              data-testid="topic"
              data-empty={topic === ""}
              aria-label={
                topic === "" ? t("room.topic.add") : `${t("room.topic.change")}: ${topic}`
              }
              title={topic === "" ? t("room.topic.change") : topic}
              onClick={() => talk.open({ is: "about", room })}
            >
              {topic === "" ? t("room.topic.add") : topic}
            </button>
          </p>
        )}
      </div>
      {!refused && (
        <>
          <SearchButton />
          {pins.length > 0 && (
            <button
              type="button"
              class="icon-button pins"
              aria-label={t("room.pinned", { count: pins.length })}
              title={t("room.pinned", { count: pins.length })}
              data-testid="pins"
              onClick={() => talk.open({ is: "pinned", room })}
            >
              <Icon name="pin" />
              <span aria-hidden="true">{i18n.number(pins.length)}</span>
            </button>
          )}
          <button
            type="button"
            class="icon-button wide-only"
            aria-label={t("room.copy")}
            title={t("room.copy")}
            onClick={() => {
              const link = new URL(hashOf(name), location.href).href;
              void copyText(link).then((copied) => toasts.say(copied ? t("room.copied") : link));
            }}
          >
            <Icon name="link" />
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label={t("room.leave")}
            title={t("room.leave")}
            data-testid="leave"
            onClick={() => {
              client.leave(room);
              router.replace(null);
              toasts.say(t("room.left", { room: name }));
            }}
          >
            <Icon name="leave" />
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label={t(peopleOpen ? "room.people.hide" : "room.people.show")}
            title={t("room.people")}
            aria-pressed={surfaces.wide.value ? peopleOpen : undefined}
            data-testid="toggle-people"
            onClick={() => surfaces.togglePeople()}
          >
            <Icon name="people" />
          </button>
        </>
      )}
    </header>
  );
}

function Refused({ room, code, message }: { room: Room; code: string; message: string }) {
  const { client, i18n, surfaces, router } = useApp();
  const { t } = i18n;
  const name = room.name.value;
  const kind = code === "room_not_found" || code === "name_taken" ? code : "other";
  const key = `error.${code}` as "error.other";
  const lead = kind === "other" ? t(key, { message }) : t(`refused.${kind}.lead`, { room: name });
  return (
    <div class="empty grow" data-testid="refused" data-code={code}>
      <FloorArt />
      <h2>{t(`refused.${kind}.title`, { room: name })}</h2>
      <p>{lead}</p>
      <div class="buttons">
        <button
          type="button"
          class="button"
          onClick={() => {
            client.membership.drop(room);
            router.replace(null);
          }}
        >
          {t("refused.back")}
        </button>
        {kind === "room_not_found" && (
          <button
            type="button"
            class="button primary"
            data-testid="create-here"
            onClick={() => surfaces.create(name)}
          >
            {t("create.offer", { room: name })}
          </button>
        )}
        {kind === "name_taken" && (
          <button type="button" class="button primary" onClick={() => surfaces.show("rename")}>
            {t("refused.rename")}
          </button>
        )}
        {kind === "other" && (
          <button type="button" class="button primary" onClick={() => client.membership.join(room)}>
            {t("refused.retry")}
          </button>
        )}
      </div>
    </div>
  );
}

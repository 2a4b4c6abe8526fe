import { aboutWith } from "../../store/overlay";
import { useApp } from "../app-context";
import { Composer } from "../compose/composer";
import { copyText } from "../kit/clipboard";
import { RoomFiles } from "../files/room-files";
import { IconButton } from "../kit/icon-button";
import { Part } from "../kit/part";
import { Refused } from "../parts";
import { SearchButton } from "../search/search-button";
import { hashOf } from "../shell/router";
import { talkHere } from "../talk/part";
import { RoomOverlay } from "../talk/room-overlay";
import { Timeline } from "../timeline/timeline";
import type { Room } from "../../store/room";

/** The room on screen: its head, its messages, the box to write in. */
export function RoomPane({ room }: { room: Room }) {
  const membership = room.membership.value;
  return (
    <>
      <RoomHead room={room} />
      {membership.is === "refused" ? (
        <Part part={Refused} props={{ room, code: membership.code, message: membership.message }} />
      ) : (
        <>
          <Timeline key={room.key} room={room} />
          <Typing room={room} />
          <Composer key={`composer:${room.key}`} room={room} />
          <RoomOverlay key={`overlay:${room.key}`} room={room} />
          <RoomFiles key={`files:${room.key}`} room={room} />
        </>
      )}
    </>
  );
}

/** Who types; its height is there before it is. */
function Typing({ room }: { room: Room }) {
  const part = talkHere();
  return part === null ? <p class="typing" /> : <part.TypingLine room={room} />;
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
        <IconButton
          label={t("rooms.open")}
          data-testid="open-rooms"
          onClick={() => surfaces.show("rooms")}
          icon="menu"
        />
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
            <IconButton
              class="pins"
              label={t("room.pinned", { count: pins.length })}
              data-testid="pins"
              onClick={() => talk.open({ is: "pinned", room })}
              icon="pin"
            >
              <span aria-hidden="true">{i18n.number(pins.length)}</span>
            </IconButton>
          )}
          <IconButton
            class="wide-only"
            label={t("room.copy")}
            onClick={() => {
              const link = new URL(hashOf(name), location.href).href;
              void copyText(link).then((copied) => toasts.say(copied ? t("room.copied") : link));
            }}
            icon="link"
          />
          <IconButton
            label={t("room.leave")}
            data-testid="leave"
            onClick={() => {
              client.leave(room);
              router.replace(null);
              toasts.say(t("room.left", { room: name }));
            }}
            icon="leave"
          />
          <IconButton
            label={t(peopleOpen ? "room.people.hide" : "room.people.show")}
            aria-pressed={surfaces.wide.value ? peopleOpen : undefined}
            data-testid="toggle-people"
            onClick={() => surfaces.togglePeople()}
            icon="people"
          />
        </>
      )}
    </header>
  );
}

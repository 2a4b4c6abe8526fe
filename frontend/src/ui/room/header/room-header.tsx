import { aboutWith } from "../../../store/overlay";
import type { Room } from "../../../store/room";
import { hashOf } from "../../context/address";
import { useApp } from "../../context/app-context";
import { copyText } from "../../kit/clipboard";
import { IconButton } from "../../kit/icon-button";

/** What the room is called and about, and what can be done with it as a whole. */
export function RoomHeader({ room }: { room: Room }) {
  const { client, i18n, surfaces, router, toasts, roomUi } = useApp();
  const { t } = i18n;
  const name = room.name.value;
  const mine = client.outbox.changes.value.filter((change) => change.roomKey === room.key);
  const { topic, pins } = aboutWith(room.about.now.value, mine);
  const joined = room.membership.value.is === "joined";
  const refused = room.membership.value.is === "refused";
  const count = room.roster.count.value;
  const searching = surfaces.searching.value;
  const peopleOpen = surfaces.wide.value && surfaces.peopleShown.value && !searching;
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
              onClick={() => roomUi.open({ is: "about", room })}
            >
              {topic === "" ? t("room.topic.add") : topic}
            </button>
          </p>
        )}
      </div>
      {!refused && (
        <>
          <IconButton
            label={t("search.open")}
            aria-expanded={searching}
            data-testid="search-open"
            onClick={() => {
              if (searching) surfaces.searching.value = false;
              else surfaces.search();
            }}
            icon="search"
          />
          {pins.length > 0 && (
            <IconButton
              class="pins"
              label={t("room.pinned", { count: pins.length })}
              data-testid="pins"
              onClick={() => roomUi.open({ is: "pinned", room })}
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

import type { Reacted } from "../../../protocol/generated";
import type { Room } from "../../../store/room";
import type { App } from "../../context/app-context";
import { AnyIcon } from "../../kit/more-icons";
import { ownReactionsOf } from "../actions/own-reactions";
import { timelineText } from "./strings";

/** Names that a tooltip lists; more are counted. */
const NAMED = 12;

interface Props {
  app: App;
  room: Room;
  seq: number;
  reactions: readonly Reacted[];
  me: string;
}

/** What people put on a message: each emoji once, with how many and who. A click joins or leaves. */
export function Reactions({ app, room, seq, reactions, me }: Props) {
  const { client, i18n, roomUi } = app;
  const t = timelineText(i18n);
  const mine = client.outbox.changes.value.filter(
    (change) => change.roomKey === room.key && change.kind === "reaction" && change.target === seq,
  );
  return (
    <div class="reactions" data-testid="reactions">
      {reactions.map(({ emoji, count, users }) => {
        const own = ownReactionsOf(app).has(room, seq, emoji);
        const waiting = mine.some((change) => change.kind === "reaction" && change.emoji === emoji);
        const label = t("reaction.label", { emoji, who: who(app, { count, users }, own, me) });
        return (
          <button
            key={emoji}
            type="button"
            class="reaction"
            aria-pressed={own}
            aria-label={label}
            title={label}
            data-testid="reaction"
            data-emoji={emoji}
            data-waiting={waiting}
            onClick={() => client.change(room, { kind: "reaction", target: seq, emoji, on: !own })}
          >
            <span aria-hidden="true">{emoji}</span>
            <span class="reaction-count" aria-hidden="true">
              {i18n.number(count)}
            </span>
          </button>
        );
      })}
      <button
        type="button"
        class="reaction add"
        aria-label={t("reaction.add")}
        title={t("reaction.add")}
        data-testid="reaction-add"
        onClick={(event) => roomUi.open({ is: "picker", room, seq, anchor: event.currentTarget })}
      >
        <AnyIcon name="react" />
      </button>
    </div>
  );
}

function who(
  { i18n }: App,
  { count, users }: Pick<Reacted, "count" | "users">,
  own: boolean,
  me: string,
) {
  const t = timelineText(i18n);
  const you = { id: me, name: timelineText(i18n)("room.you") };
  const listed = users.slice(0, NAMED).map((user) => (user.id === me ? you : user));
  // Oneself is named, however many came before.
  const named = own && !listed.includes(you) ? [you, ...listed.slice(0, NAMED - 1)] : listed;
  const names = named.map(({ name }) => name);
  const more = count - named.length;
  if (more > 0) names.push(t("reaction.more", { count: more }));
  // "Ada, Bo and Eve"
  return new Intl.ListFormat(i18n.language.value).format(names);
}

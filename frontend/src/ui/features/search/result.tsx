import type { Hit } from "../../../protocol/generated";
import { useApp } from "../../context/app-context";
import { Avatar } from "../../kit/avatar";
import { AnyIcon } from "../../kit/more-icons";
import { plainRuns } from "./plain-runs";
import { searchText } from "./strings";

interface Props {
  hit: Hit;
  index: number;
  active: boolean;
  withRoom: boolean;
  onChoose: () => void;
}

/** A message that was found: who, when, where, and what of it fits. */
export function Result({ hit, index, active, withRoom, onChoose }: Props) {
  const { i18n } = useApp();
  const t = searchText(i18n);
  const { sender, at, room, files = [] } = hit.message;
  return (
    <div
      id={`hit-${index}`}
      class="hit"
      role="option"
      aria-selected={active}
      data-testid="hit"
      data-seq={hit.message.seq}
      data-room={room}
      // The field keeps the focus: arrows go on from there.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      <Avatar user={sender} small />
      <div class="hit-main">
        <p class="hit-head">
          <span class="author">{sender.name}</span>
          {withRoom && <span class="hit-room">{t("search.in", { room })}</span>}
          <time dateTime={new Date(at).toISOString()} title={i18n.dateTime(at)}>
            {shortDate(at, i18n.today.value, i18n.language.value)}
          </time>
        </p>
        <p class="hit-text" dir="auto">
          {plainRuns(hit.excerpt).map((run, at) =>
            run.hit === true ? <mark key={at}>{run.text}</mark> : <span key={at}>{run.text}</span>,
          )}
        </p>
        {files.length > 0 && (
          <p class="hit-files">
            <AnyIcon name="clip" />
            {files.length === 1 ? files[0]?.name : t("search.files", { count: files.length })}
          </p>
        )}
      </div>
    </div>
  );
}

const DAY_MS = 86_400_000;

/** The time of today, the day of this year, the date of before: as short as it can be told apart. */
export function shortDate(at: number, now: number, language: string): string {
  const day = new Date(at);
  const today = new Date(now);
  const same = day.toDateString() === today.toDateString();
  const form: Intl.DateTimeFormatOptions = same
    ? { hour: "numeric", minute: "2-digit" }
    : day.getFullYear() === today.getFullYear() || now - at < 90 * DAY_MS
      ? { month: "short", day: "numeric" }
      : { year: "numeric", month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(language, form).format(at);
}

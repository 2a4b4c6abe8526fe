import type { RefObject } from "preact";
import type { Hit } from "../../../protocol/generated";
import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import { Result } from "./result";
import { searchOf } from "./search-of";
import { SearchState } from "./search-state";
import { searchText } from "./strings";

/** This near to the end of the list the next page is asked for. */
const NEAR_PX = 240;

interface Props {
  room: Room;
  list: RefObject<HTMLDivElement | null>;
  hits: readonly Hit[];
  /** Which of them Enter shows. */
  at: number;
  onChoose: (index: number) => void;
}

/** What was found, and what stands below it or in its place. */
export function SearchResults({ room, list, hits, at, onChoose }: Props) {
  const app = useApp();
  const t = searchText(app.i18n);
  const search = searchOf(app);
  const found = search.found.value;
  return (
    <div
      ref={list}
      class="search-list"
      onScroll={({ currentTarget: port }) => {
        const left = port.scrollHeight - port.clientHeight - port.scrollTop;
        if (left < NEAR_PX && found.is === "found" && found.failure === null) search.further();
      }}
    >
      <div
        id="search-results"
        role="listbox"
        aria-label={t("search.results")}
        aria-busy={found.is === "searching" || (found.is === "found" && found.asking)}
        data-testid="search-results"
      >
        {hits.map((hit, index) => (
          <Result
            key={`${hit.message.room}/${hit.message.seq}`}
            hit={hit}
            index={index}
            active={index === at}
            withRoom={search.room.value === null}
            onChoose={() => onChoose(index)}
          />
        ))}
      </div>
      <SearchState room={room.name.value} found={found} />
    </div>
  );
}

import { MAX_QUERY_CHARS } from "../../../protocol/generated";
import type { Failure } from "../../../connection/requests";
import type { Found } from "../../../sync/search";
import { useApp } from "../../context/app-context";
import { sentence } from "../../i18n/errors/sentence";
import { Icon } from "../../kit/icons";
import { searchOf } from "./search-of";
import { searchText } from "./strings";

/** What a screen reader is told when the results are there. */
export function SearchStatus({ found }: { found: Found }) {
  const t = searchText(useApp().i18n);
  return (
    <p class="visually-hidden" role="status" data-testid="search-status">
      {status(found, t)}
    </p>
  );
}

function status(found: Found, t: ReturnType<typeof searchText>): string {
  if (found.is !== "found" || found.asking) return "";
  const count = found.hits.length;
  if (count === 0) return t("search.none");
  return t(found.more === null ? "search.found" : "search.found.more", { count });
}

/** What stands where results would, or below them. */
export function SearchState({ room, found }: { room: string; found: Found }) {
  const app = useApp();
  const t = searchText(app.i18n);
  const search = searchOf(app);
  switch (found.is) {
    case "nothing":
      return (
        <div class="search-state" data-testid="search-empty">
          <Icon name="search" />
          <h3>{t("search.empty")}</h3>
          <p>{t("search.empty.lead")}</p>
        </div>
      );
    case "short":
    case "long":
      return (
        <p class="search-state" data-testid="search-hint" role="status">
          {t(`search.${found.is}`, { most: MAX_QUERY_CHARS })}
        </p>
      );
    case "searching":
      return <p class="search-state">{t("search.searching")}</p>;
    case "failed":
      return <Failed why={found.failure} retry={() => search.now()} />;
    case "found":
      if (found.hits.length === 0 && !found.asking) return <None room={room} />;
      if (found.failure !== null) {
        return <Failed why={found.failure} retry={() => search.further()} />;
      }
      return found.more === null ? null : (
        <div class="search-state">
          <button
            type="button"
            class="button small"
            data-testid="search-more"
            onClick={() => search.further()}
          >
            {t("search.more")}
          </button>
        </div>
      );
  }
}

function None({ room }: { room: string }) {
  const app = useApp();
  const t = searchText(app.i18n);
  const search = searchOf(app);
  const all = search.room.value === null;
  return (
    <div class="search-state" data-testid="search-none">
      <h3>{t("search.none")}</h3>
      <p>{t(all ? "search.none.all" : "search.none.room", { room })}</p>
      {!all && (
        <button type="button" class="button small" onClick={() => search.in(null)}>
          {t("search.none.widen")}
        </button>
      )}
    </div>
  );
}

function Failed({ why, retry }: { why: Failure; retry: () => void }) {
  const { i18n } = useApp();
  const t = searchText(i18n);
  return (
    <div class="search-state" role="alert" data-testid="search-failed">
      <p>{t("search.failed", { why: sentence(i18n, why) })}</p>
      <button type="button" class="button small" onClick={retry}>
        {t("search.retry")}
      </button>
    </div>
  );
}

import { useApp } from "../app-context";
import { Icon } from "../kit/icons";

export function SearchButton() {
  const { i18n, surfaces } = useApp();
  const open = surfaces.searching.value;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={i18n.t("search.open")}
      title={i18n.t("search.open")}
      aria-expanded={open}
      data-testid="search-open"
      onClick={() => {
        if (open) surfaces.searching.value = false;
        else surfaces.search();
      }}
    >
      <Icon name="search" />
    </button>
  );
}

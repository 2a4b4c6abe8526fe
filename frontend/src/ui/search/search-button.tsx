import { useApp } from "../app-context";
import { IconButton } from "../kit/icon-button";

export function SearchButton() {
  const { i18n, surfaces } = useApp();
  const open = surfaces.searching.value;
  return (
    <IconButton
      label={i18n.t("search.open")}
      aria-expanded={open}
      data-testid="search-open"
      onClick={() => {
        if (open) surfaces.searching.value = false;
        else surfaces.search();
      }}
      icon="search"
    />
  );
}

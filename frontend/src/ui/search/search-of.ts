import { browserClock } from "../../connection/ports";
import { Search } from "../../sync/search";
import type { App } from "../app-context";

const searches = new WeakMap<App, Search>();

/** One per page: what was found is there again when the panel is opened again. */
export function searchOf(app: App): Search {
  let search = searches.get(app);
  if (search === undefined) {
    search = new Search((what, done) => app.client.search(what, done), browserClock);
    searches.set(app, search);
  }
  return search;
}

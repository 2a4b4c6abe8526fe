// What is not needed for the first paint of the page: fetched when it is, or ahead (`prefetch.ts`).
// What only a room, a feature or the sidebar opens is in the `parts.ts` of its folder.

import { Lazy } from "../kit/lazy";

const late = () => import("./late");

export const PeoplePane = new Lazy(() => late().then((m) => m.PeoplePane));
export const ConnectionBanner = new Lazy(() => late().then((m) => m.ConnectionBanner));
export const Overlays = new Lazy(() => late().then((m) => m.Overlays));
export const Notices = new Lazy(() => late().then((m) => m.Notices));
export const Welcome = new Lazy(() => late().then((m) => m.Welcome));
export const SearchPlace = new Lazy(() =>
  import("../features/search/search-place").then((m) => m.SearchPlace),
);
export const Dialogs = new Lazy(() => import("./dialogs").then((m) => m.Dialogs));

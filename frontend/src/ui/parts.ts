// What is not needed for the first paint of a room, each in a file that is fetched when it is.

import { Lazy } from "./kit/lazy";

export const NameDialog = new Lazy(() => import("./shell/name-dialog").then((m) => m.NameDialog));
export const Welcome = new Lazy(() => import("./shell/welcome").then((m) => m.Welcome));
export const Overlays = new Lazy(() => import("./shell/overlays").then((m) => m.Overlays));
export const Refused = new Lazy(() => import("./rooms/refused").then((m) => m.Refused));
export const FoundRooms = new Lazy(() => import("./rooms/found-rooms").then((m) => m.FoundRooms));
export const ToastList = new Lazy(() => import("./shell/toast-list").then((m) => m.ToastList));
export const SearchPlace = new Lazy(() =>
  import("./search/search-place").then((m) => m.SearchPlace),
);
export const Failed = new Lazy(() => import("./timeline/failed").then((m) => m.Failed));
export const Jump = new Lazy(() => import("./timeline/jump").then((m) => m.Jump));
export const Empty = new Lazy(() => import("./timeline/empty").then((m) => m.Empty));
export const Announcer = new Lazy(() => import("./timeline/announcer").then((m) => m.Announcer));
export const PeoplePane = new Lazy(() => import("./rooms/people-pane").then((m) => m.PeoplePane));
export const ConnectionBanner = new Lazy(() =>
  import("./shell/connection-banner").then((m) => m.ConnectionBanner),
);

// What is not needed for the first paint of a room: fetched when it is, or ahead (`warm-up.ts`).

import { Lazy } from "./kit/lazy";

const soon = () => import("./soon");

export const FoundRooms = new Lazy(() => soon().then((m) => m.FoundRooms));
export const PeoplePane = new Lazy(() => soon().then((m) => m.PeoplePane));
export const Refused = new Lazy(() => soon().then((m) => m.Refused));
export const ConnectionBanner = new Lazy(() => soon().then((m) => m.ConnectionBanner));
export const NameDialog = new Lazy(() => soon().then((m) => m.NameDialog));
export const Overlays = new Lazy(() => soon().then((m) => m.Overlays));
export const ToastList = new Lazy(() => soon().then((m) => m.ToastList));
export const Welcome = new Lazy(() => soon().then((m) => m.Welcome));
export const Announcer = new Lazy(() => soon().then((m) => m.Announcer));
export const Empty = new Lazy(() => soon().then((m) => m.Empty));
export const Failed = new Lazy(() => soon().then((m) => m.Failed));
export const Jump = new Lazy(() => soon().then((m) => m.Jump));
export const SearchPlace = new Lazy(() =>
  import("./search/search-place").then((m) => m.SearchPlace),
);

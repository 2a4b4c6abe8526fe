// What is wanted soon after the first paint, in one file: alone, each would be a request of its own
// for a few hundred bytes.

export { FoundRooms } from "./rooms/found-rooms";
export { PeoplePane } from "./rooms/people-pane";
export { Refused } from "./rooms/refused";
export { ConnectionBanner } from "./shell/connection-banner";
export { NameDialog } from "./shell/name-dialog";
export { Overlays } from "./shell/overlays";
export { ToastList } from "./shell/toast-list";
export { Welcome } from "./shell/welcome";
export { Announcer } from "./timeline/announcer";
export { Empty } from "./timeline/empty";
export { Failed } from "./timeline/failed";
export { Jump } from "./timeline/jump";

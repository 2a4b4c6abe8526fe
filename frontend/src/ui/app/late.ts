// What is wanted soon after the first paint, in one file: alone, each would be a request of its own
// for a few hundred bytes.

export { FoundRooms } from "../sidebar/found-rooms";
export { PeoplePane } from "../room/people-pane";
export { Refused } from "../room/refused";
export { ConnectionBanner } from "./connection-banner";
export { NameDialog } from "./name-dialog";
export { Overlays } from "./overlays";
export { ToastList } from "./toast-list";
export { Welcome } from "./welcome";
export { Announcer } from "../room/timeline/announcer";
export { Empty } from "../room/timeline/empty";
export { Failed } from "../room/timeline/failed";
export { Jump } from "../room/timeline/jump";

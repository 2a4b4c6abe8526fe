// What is wanted soon after the first paint, in one file: alone, each would be a request of its own
// for a few hundred bytes.

export { PeoplePane } from "../room/people-pane";
export { Announcer } from "../room/timeline/announcer";
export { ConnectionBanner } from "./connection-banner";
export { NameDialog } from "./name-dialog";
export { Overlays } from "./overlays";
export { ToastList } from "./toast-list";
export { Welcome } from "./welcome";

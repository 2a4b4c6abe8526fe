// What is wanted soon after the first paint, in one file: alone, each would be a request of its own
// for a few hundred bytes.

export { PeoplePane } from "../room/people-pane";
export { ConnectionBanner } from "./connection-banner";
export { Overlays } from "./overlays";
export { Notices } from "./notices";
export { Welcome } from "./welcome";

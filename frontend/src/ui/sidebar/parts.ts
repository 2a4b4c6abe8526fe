import { Lazy } from "../kit/lazy";

/** Loaded when somebody types into the search above the list. */
export const FoundRooms = new Lazy(() => import("./found-rooms").then((m) => m.FoundRooms));

/** Loaded once the directory is told: what is entered first is a room, and its log. */
export const OtherRooms = new Lazy(() => import("./other-rooms").then((m) => m.OtherRooms));

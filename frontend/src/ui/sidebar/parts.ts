import { Lazy } from "../kit/lazy";

/** Loaded when somebody types into the search above the list. */
export const FoundRooms = new Lazy(() => import("./found-rooms").then((m) => m.FoundRooms));

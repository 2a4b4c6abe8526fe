// What is loaded when there is a file to show, to attach or to look at.

import { Lazy } from "../kit/lazy";

/** Attaching: loaded once the room is painted. */
export const Attaching = new Lazy(() => import("./attaching"));
export const Attachments = new Lazy(() => import("./attachments").then((m) => m.Attachments));
export const Lightbox = new Lazy(() => import("./lightbox").then((m) => m.Lightbox));
